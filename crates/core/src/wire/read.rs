//! Reading the postcard format, for a small wasm.
//!
//! Derived code takes a value field by field, and behind each field that may fail there is code
//! that drops the fields before it. For the lesson format that is four times the code that reads.
//! So nothing here fails: [`Reader`] notes that the bytes are no good, goes on with zeros, and
//! [`read`] throws the result away at the end. With an error that cannot exist, the compiler
//! leaves all of the dropping out.
//!
//! This suits derived types, which take whatever they are given. A type whose own `Deserialize`
//! refuses values would panic, and belongs in another format.

use core::fmt;

use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer as _, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// Reads what `postcard` wrote; `None` when the bytes are cut short or mean something else.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let mut reader = Reader { rest: bytes, failed: false };
    let Ok(value) = T::deserialize(&mut reader);
    (!reader.failed).then_some(value)
}

/// The error of a reader that never fails.
#[derive(Debug)]
pub(super) enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl de::Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Self {
        unreachable!("derived types take every value that the reader gives")
    }
}

pub(super) struct Reader<'a> {
    rest: &'a [u8],
    failed: bool,
}

impl Reader<'_> {
    pub(super) const fn empty() -> Self {
        Self { rest: &[], failed: false }
    }

    #[inline(never)]
    fn take(&mut self, len: usize) -> &[u8] {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                taken
            }
            None => {
                self.fail();
                &[]
            }
        }
    }

    fn fail(&mut self) {
        self.failed = true;
        self.rest = &[];
    }

    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    #[inline(never)]
    fn varint(&mut self, most: u64) -> u64 {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte();
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                if value > most {
                    break;
                }
                return value;
            }
        }
        self.fail();
        0
    }

    /// How many elements follow. Each takes a byte or more, so a number that cannot be is seen at once.
    fn len(&mut self) -> usize {
        let len = self.varint(u64::from(u32::MAX)) as usize;
        if len > self.rest.len() {
            self.fail();
            return 0;
        }
        len
    }

    #[inline(never)]
    fn string(&mut self) -> String {
        let len = self.len();
        match core::str::from_utf8(self.take(len)) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                self.fail();
                String::new()
            }
        }
    }

    #[inline(never)]
    fn float(&mut self) -> f64 {
        let bytes = self.take(8).try_into().unwrap_or_default();
        f64::from_le_bytes(bytes)
    }

    #[inline(never)]
    fn flag(&mut self) -> bool {
        match self.byte() {
            0 => false,
            1 => true,
            _ => {
                self.fail();
                false
            }
        }
    }

    /// The index of one of `count` variants.
    #[inline(never)]
    fn variant(&mut self, count: usize) -> u32 {
        self.varint((count as u64).saturating_sub(1)) as u32
    }
}

impl<'de> de::Deserializer<'de> for &mut Reader<'_> {
    type Error = Never;

    #[inline]
    fn is_human_readable(&self) -> bool {
        false
    }

    #[inline]
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_bool(self.flag())
    }

    #[inline]
    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_u8(self.byte())
    }

    #[inline]
    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_u16(self.varint(u64::from(u16::MAX)) as u16)
    }

    #[inline]
    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_u32(self.varint(u64::from(u32::MAX)) as u32)
    }

    #[inline]
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_u64(self.varint(u64::MAX))
    }

    #[inline]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_f64(self.float())
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_string(self.string())
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_string(self.string())
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        if self.flag() { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        let left = self.len();
        visitor.visit_seq(Elements { reader: self, left })
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        let left = self.len();
        visitor.visit_map(Elements { reader: self, left })
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_seq(Fields(self))
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_seq(Fields(self))
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Never> {
        visitor.visit_seq(Fields(self))
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, all: &'static [&'static str], visitor: V) -> Result<V::Value, Never> {
        let index = self.variant(all.len());
        visitor.visit_enum(Variant { reader: self, index })
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Never> {
        unreachable!("the format does not say what comes next, and lessons and links hold no such type")
    }

    serde::forward_to_deserialize_any! { i8 i16 i32 i64 i128 u128 f32 char bytes byte_buf unit unit_struct identifier ignored_any }
}

/// The fields of a struct or tuple: as many as the type takes.
pub(super) struct Fields<'r, 'a>(&'r mut Reader<'a>);

impl<'de> SeqAccess<'de> for Fields<'_, '_> {
    type Error = Never;

    // Always inlined, so that the compiler sees that there is always a field.
    #[inline(always)]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Never> {
        seed.deserialize(&mut *self.0).map(Some)
    }

    #[inline(always)]
    fn next_element<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, Never> {
        T::deserialize(&mut *self.0).map(Some)
    }
}

/// The elements of a list, or the entries of a map.
struct Elements<'r, 'a> {
    reader: &'r mut Reader<'a>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_, '_> {
    type Error = Never;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Never> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Elements<'_, '_> {
    type Error = Never;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Never> {
        self.next_element_seed(seed)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Never> {
        seed.deserialize(&mut *self.reader)
    }
}

/// One of an enum's variants.
pub(super) struct Variant<'r, 'a> {
    reader: &'r mut Reader<'a>,
    index: u32,
}

impl<'r, 'a> Variant<'r, 'a> {
    /// A variant without fields.
    pub(super) const fn alone(reader: &'r mut Reader<'a>, index: u32) -> Self {
        Self { reader, index }
    }
}

impl<'de, 'r, 'a> EnumAccess<'de> for Variant<'r, 'a> {
    type Error = Never;
    type Variant = Fields<'r, 'a>;

    #[inline]
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Never> {
        let index: de::value::U32Deserializer<Never> = self.index.into_deserializer();
        seed.deserialize(index).map(|variant| (variant, Fields(self.reader)))
    }
}

impl<'de> VariantAccess<'de> for Fields<'_, '_> {
    type Error = Never;

    #[inline]
    fn unit_variant(self) -> Result<(), Never> {
        Ok(())
    }

    #[inline]
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Never> {
        seed.deserialize(self.0)
    }

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_seq(self)
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Never> {
        visitor.visit_seq(self)
    }
}
