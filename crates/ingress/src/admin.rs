//! The operator's port: `/livez`, `/readyz`, `/metrics`. No credential: it listens on loopback by default.

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, http::StatusCode};

use crate::{Phase, State};

/// The routes of the operator's port.
pub fn admin(state: State) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config
            .app_data(web::Data::new(state))
            .route("/livez", web::get().to(livez))
            .route("/readyz", web::get().to(readyz))
            .route("/metrics", web::get().to(metrics));
    }
}

async fn livez() -> HttpResponse {
    HttpResponse::Ok().body("ok\n")
}

async fn readyz(state: web::Data<State>) -> HttpResponse {
    let status = match state.health.phase() {
        Phase::Serving => StatusCode::OK,
        Phase::Starting | Phase::Draining => StatusCode::SERVICE_UNAVAILABLE,
    };
    HttpResponse::build(status).finish()
}

async fn metrics(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(state.metrics.render())
}
