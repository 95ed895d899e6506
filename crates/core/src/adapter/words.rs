//! Open sets of words.

/// An open set of words of a gateway, such as the statuses of an invoice: those that its documents
/// list, and whatever else it says.
///
/// Words are matched in any case. After `or` stands what else a gateway writes for the word, such as
/// the number that stood for it in an older version. The enum is `#[non_exhaustive]` and reads and
/// writes itself with serde; for a member that may be missing there is
/// [`lenient::word`](crate::adapter::lenient::word).
///
/// ```
/// paymux_core::adapter::words! {
///     /// How far an order has come.
///     pub enum OrderStatus {
///         /// Waiting for money.
///         New = "NEW" or "1",
///         /// Paid.
///         Paid = "PAID",
///     }
/// }
///
/// let read = |json: &str| serde_json::from_str::<OrderStatus>(json).unwrap();
/// assert_eq!(read(r#""paid""#), OrderStatus::Paid);
/// assert_eq!(read("1"), OrderStatus::New);
/// assert_eq!(read(r#""FROZEN""#), OrderStatus::Other("FROZEN".to_owned()));
/// assert_eq!(OrderStatus::New.as_str(), "NEW");
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __words {
    (
        $(#[$doc:meta])*
        $vis:vis enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal $(or $other:literal)?,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        $vis enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word that the documents do not list.
            Other(::std::string::String),
        }

        impl $name {
            /// The gateway's word.
            #[must_use]
            $vis fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            /// Takes a word in any case, or what else stands for it.
            fn from(word: ::std::string::String) -> Self {
                $(
                    if word.eq_ignore_ascii_case($word) $(|| word == $other)? {
                        return Self::$variant;
                    }
                )+
                Self::Other(word)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::adapter::__private::serde::Serialize for $name {
            fn serialize<S: $crate::adapter::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::adapter::__private::serde::Deserialize<'de> for $name {
            /// Takes a text, or a number as it stands; it must not be empty.
            fn deserialize<D: $crate::adapter::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::adapter::lenient::required_word(deserializer)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    crate::adapter::words! {
        /// Sizes.
        enum Size {
            /// Small.
            Small = "Small" or "1",
            /// Large.
            Large = "Large",
        }
    }

    #[test]
    fn words_are_known_in_any_case_and_others_are_kept() {
        for (word, size, shown) in [
            ("Small", Size::Small, "Small"),
            ("SMALL", Size::Small, "Small"),
            ("1", Size::Small, "Small"),
            ("large", Size::Large, "Large"),
            ("2", Size::Other("2".to_owned()), "2"),
            ("Small ", Size::Other("Small ".to_owned()), "Small "),
        ] {
            let read = Size::from(word.to_owned());
            assert_eq!(read, size);
            assert_eq!(read.to_string(), shown);
            let json = serde_json::to_string(word).unwrap();
            assert_eq!(serde_json::from_str::<Size>(&json).unwrap(), size);
            assert_eq!(serde_json::to_value(&size).unwrap(), shown);
        }
        assert_eq!(serde_json::from_str::<Size>("1").unwrap(), Size::Small);
        for json in ["null", "{}", r#""""#] {
            assert!(serde_json::from_str::<Size>(json).is_err(), "{json}");
        }
    }
}
