"""A real Apache Kafka on loopback, assembled from Maven artifacts: one node or three, KRaft, no ZooKeeper, no root.

    broker.py up [--nodes N] [--port P] [--dir D]     starts it and leaves it running; prints its address
    broker.py down [--dir D]                          stops that one and removes its data
    broker.py run [--nodes N] [--port P] [--dir D] [--user NAME:PASSWORD | --oauth]
        starts it, prints "ready HOST:PORT,…", obeys lines on stdin ("kill 1", "start 1") and answers each with "done";
        ends, and everything with it, at the end of stdin

With --user, clients must log in by SCRAM-SHA-512; with --oauth, by an unsigned JWT (SASL OAUTHBEARER), and the answer names a second
address where they need not. Needs Java 17 and Maven.
"""

import argparse
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

KAFKA = "4.1.1"
SLF4J = "1.7.36"
TOOLS = pathlib.Path(__file__).resolve().parents[2] / ".tools"
JARS = TOOLS / f"kafka-{KAFKA}"
CLUSTER = "cm9sbGNhbGwtdGVzdC1jbA"
READY_S = 60

POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>rollcall</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{KAFKA}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>{SLF4J}</version></dependency>
</dependencies></project>
"""


def install_tools():
    """Java and Maven, by Debian's packages where we may."""
    missing = [name for name in ("java", "mvn") if not shutil.which(name)]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"a Kafka broker needs {' and '.join(missing)}: install openjdk-17-jre-headless and maven, "
                 "or set ROLLCALL_TEST_KAFKA=host:port to use another one")
    subprocess.run(["apt-get", "update", "-q"], check=True, stdout=sys.stderr)
    packages = ["openjdk-17-jre-headless", "maven"]
    subprocess.run(["apt-get", "install", "-qy", *packages], check=True, stdout=sys.stderr)


def fetch_jars():
    """Once; several that begin at the same time do no harm."""
    if JARS.is_dir():
        return
    install_tools()
    TOOLS.mkdir(exist_ok=True)
    building = TOOLS / f"kafka-{KAFKA}.{os.getpid()}"
    building.mkdir()
    (building / "pom.xml").write_text(POM)
    subprocess.run(
        ["mvn", "-B", "-q", "-f", building / "pom.xml",
         "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies",
         "-DincludeScope=runtime", f"-DoutputDirectory={building / 'jars'}"],
        check=True, stdout=sys.stderr)
    try:
        (building / "jars").rename(JARS)
    except OSError:
        pass
    shutil.rmtree(building)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Node:
    """One broker, which is a controller too."""

    def __init__(self, number, directory, port, voters, controller, user, inside):
        self.number, self.port, self.directory = number, port, directory / f"node-{number}"
        self.inside = inside
        self.process = None
        self.user = user
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "server.properties").write_text(self.properties(voters, controller))

    def properties(self, voters, controller):
        several = voters.count(",") > 0
        protocol = "SASL_PLAINTEXT" if self.user or self.inside else "PLAINTEXT"
        settings = {
            "process.roles": "broker,controller",
            "node.id": self.number,
            "controller.quorum.voters": voters,
            "listeners": f"CLIENT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"CLIENT://127.0.0.1:{self.port}",
            "listener.security.protocol.map": f"CLIENT:{protocol},CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT",
            "inter.broker.listener.name": "CLIENT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self.directory / "data",
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "offsets.topic.num.partitions": 8,
            "offsets.topic.replication.factor": 3 if several else 1,
            "transaction.state.log.num.partitions": 8,
            "transaction.state.log.replication.factor": 3 if several else 1,
            "transaction.state.log.min.isr": 2 if several else 1,
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 500,
            "log.retention.ms": -1,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "log.cleaner.dedupe.buffer.size": 8388608,
            "log.initial.task.delay.ms": 1000,
        }
        if self.inside:
            inside = f"INTERNAL://127.0.0.1:{self.inside}"
            settings |= {
                "listeners": settings["listeners"] + "," + inside,
                "advertised.listeners": settings["advertised.listeners"] + "," + inside,
                "inter.broker.listener.name": "INTERNAL",
                "sasl.enabled.mechanisms": "OAUTHBEARER",
                "listener.name.client.oauthbearer.sasl.jaas.config":
                    "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
                    'unsecuredLoginStringClaim_sub="broker";',
                "listener.name.client.oauthbearer.sasl.server.callback.handler.class":
                    "org.apache.kafka.common.security.oauthbearer.internals.unsecured."
                    "OAuthBearerUnsecuredValidatorCallbackHandler",
            }
        if self.user:
            name, password = self.user.split(":", 1)
            settings |= {
                "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
                "sasl.mechanism.inter.broker.protocol": "PLAIN",
                "listener.name.client.plain.sasl.jaas.config":
                    "org.apache.kafka.common.security.plain.PlainLoginModule required "
                    f'username="broker" password="{password}" user_broker="{password}" user_{name}="{password}";',
                "listener.name.client.scram-sha-512.sasl.jaas.config":
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;",
            }
        return "".join(f"{key}={value}\n" for key, value in settings.items())

    def java(self, *arguments):
        options = ["-Xms128m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        return ["java", *options, "-cp", f"{JARS}/*", *arguments]

    def format(self):
        scram = []
        if self.user:
            name, password = self.user.split(":", 1)
            scram = ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
        command = self.java("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c",
                            str(self.directory / "server.properties"), *scram)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def start(self):
        log = open(self.directory / "broker.log", "ab")
        command = self.java("kafka.Kafka", str(self.directory / "server.properties"))
        self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                        start_new_session=True)
        (self.directory / "pid").write_text(str(self.process.pid))

    def wait(self):
        until = time.monotonic() + READY_S
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        text = (self.directory / "broker.log").read_text(errors="replace")
        sys.exit(f"node {self.number} did not start:\n{text[-4000:]}")

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def start(arguments):
    """The nodes, formatted and ready."""
    fetch_jars()
    directory = pathlib.Path(arguments.dir).resolve()
    shutil.rmtree(directory, ignore_errors=True)
    count = arguments.nodes
    controllers = free_ports(count)
    ports = [arguments.port + n for n in range(count)] if arguments.port else free_ports(count)
    voters = ",".join(f"{n + 1}@127.0.0.1:{controllers[n]}" for n in range(count))
    inside = free_ports(count) if arguments.oauth else [None] * count
    nodes = [Node(n + 1, directory, ports[n], voters, controllers[n], arguments.user, inside[n]) for n in range(count)]
    for node in nodes:
        node.format()
    for node in nodes:
        node.start()
    for node in nodes:
        node.wait()
    return nodes


def addresses(nodes):
    return ",".join(f"127.0.0.1:{node.port}" for node in nodes)


def run(arguments):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    nodes = []
    try:
        nodes = start(arguments)
        second = [f"127.0.0.1:{node.inside}" for node in nodes if node.inside]
        print("ready", addresses(nodes), *second, flush=True)
        for line in sys.stdin:
            what, number = line.split()
            node = nodes[int(number) - 1]
            if what == "kill":
                node.kill()
            else:
                node.start()
                node.wait()
            print("done", flush=True)
    finally:
        for node in nodes:
            node.kill()
        shutil.rmtree(arguments.dir, ignore_errors=True)


def down(arguments):
    for pid in pathlib.Path(arguments.dir).glob("node-*/pid"):
        try:
            os.kill(int(pid.read_text()), signal.SIGKILL)
        except ProcessLookupError:
            pass
    shutil.rmtree(arguments.dir, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["up", "down", "run"])
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--port", type=int, default=0, help="of the first node; 0: whichever is free")
    parser.add_argument("--dir", default=str(TOOLS / "kafka-data"))
    parser.add_argument("--user", default=None, help="NAME:PASSWORD that clients must log in with")
    parser.add_argument("--oauth", action="store_true", help="clients must log in by an unsigned JWT")
    arguments = parser.parse_args()
    if arguments.command == "up":
        down(arguments)
        print(addresses(start(arguments)))
    elif arguments.command == "down":
        down(arguments)
    else:
        run(arguments)


if __name__ == "__main__":
    main()
