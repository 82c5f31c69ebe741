//! What responds at which path.

use std::sync::Arc;

use axum::Router;

use super::app::App;
use super::{control, operation};

pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .nest(control::PREFIX, control::router(app.clone()))
        .fallback(operation::answer)
        .with_state(app)
}
