//! native-checkout
