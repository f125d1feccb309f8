//! x
fn main() {
    let _dictionary = ();
}
