//! What kinds of files there are, told apart by what they hold.

pub mod recognise;
