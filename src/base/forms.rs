//! What the types of the job file need to be written down as a schema.

use std::cell::Cell;

use schemars::Schema;
use serde_json::Value;

thread_local! {
    static NAMING_DEFAULTS: Cell<bool> = const { Cell::new(false) };
}

/// Whether a default may be left out of what is written: not while a schema is made, which names them all.
pub(crate) fn may_leave_out() -> bool {
    !NAMING_DEFAULTS.get()
}

/// Makes something in which all defaults are written.
pub(crate) fn naming_defaults<T>(make: impl FnOnce() -> T) -> T {
    NAMING_DEFAULTS.set(true);
    let made = make();
    NAMING_DEFAULTS.set(false);
    made
}

/// Another word for a method, which the schema generator does not see.
pub(crate) fn also_gauss_newton(schema: &mut Schema) {
    if let Some(word) = schema.remove("const") {
        schema.insert("enum".into(), Value::Array(vec![word, "gauss-newton".into()]));
    }
}
