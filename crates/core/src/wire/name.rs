//! Finding an enum's variant by its name, with the code that reads it from bytes.

use serde::de::{self, DeserializeOwned, Visitor};

use super::read::{Never, Reader, Variant};

/// The variant of that name, as text formats spell it; the names that there are when it is none of them.
pub fn variant<T: DeserializeOwned>(name: &str) -> Result<T, &'static [&'static str]> {
    let mut known = None;
    let Ok(value) = T::deserialize(Name { name, known: &mut known });
    known.map_or(Ok(value), Err)
}

struct Name<'n> {
    name: &'n str,
    /// Set when the name is none of these.
    known: &'n mut Option<&'static [&'static str]>,
}

impl<'de> de::Deserializer<'de> for Name<'_> {
    type Error = Never;

    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, all: &'static [&'static str], visitor: V) -> Result<V::Value, Never> {
        let index = place(self.name, all).unwrap_or_else(|| {
            *self.known = Some(all);
            0
        });
        visitor.visit_enum(Variant::alone(&mut Reader::empty(), index))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Never> {
        unreachable!("only an enum has variants")
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

fn place(name: &str, all: &[&str]) -> Option<u32> {
    all.iter().position(|known| *known == name).map(|index| index as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ReturnPath;

    #[test]
    fn variants_are_found_by_name() {
        assert_eq!(variant("direct"), Ok(ReturnPath::Direct));
        assert_eq!(variant("nat"), Ok(ReturnPath::Nat));
        assert_eq!(variant::<ReturnPath>("Direct"), Err(["nat", "direct"].as_slice()));
    }
}
