//! The world that a control request is about.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;

use super::World;
use super::app::App;
use super::control::Problem;

/// The world that a control request is about.
pub(super) struct Scope {
    pub(super) app: Arc<App>,
    pub(super) world: Arc<World>,
}

impl FromRequestParts<Arc<App>> for Scope {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Ok(Self { world: app.worlds.make(name(&parts.uri)?)?, app: app.clone() })
    }
}

/// The name of the world in a query. A parameter that is not known is refused:
/// with a typing error, another world would be meant.
pub(super) fn name(uri: &Uri) -> Result<Option<&str>, Problem> {
    match uri.query() {
        None | Some("") => Ok(None),
        Some(query) => match query.strip_prefix("world=") {
            Some(name) => Ok(Some(name)),
            None => Err(Problem::bad(format!("the query is {query:?}, where only world=NAME is known"))),
        },
    }
}
