//! Putting functions of the wasm that resemble each other side by side. A compressor says what it
//! has seen just now in fewer bits than what it saw long ago: 0.8 % of the main piece.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef};

/// What the order follows; another name makes files that were kept anew.
pub(crate) const RULES: &str = "96 least hashes of 5 bytes";
/// Bytes of code that are looked at together.
const STRETCH: usize = 5;
/// How many numbers stand for a function. Two functions share as many of them as they share
/// stretches of code, in proportion (Broder, 1997: the least of their hashes).
const MARKS: usize = 96;

/// The same wasm with its functions in an order of our own.
pub(crate) fn side_by_side(wasm: &[u8]) -> Result<Vec<u8>, String> {
    let (imported, bodies) = functions(wasm).map_err(|wrong| wrong.to_string())?;
    let order = chain(&bodies.iter().map(|body| marks(body)).collect::<Vec<_>>());
    let mut place = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old] = new as u32;
    }
    let mut module = Module::new();
    Reorder { imported, order, place }.parse_core_module(&mut module, Parser::new(0), wasm).map_err(|wrong| wrong.to_string())?;
    Ok(module.finish())
}

/// How many functions are imported, and the code of the others.
fn functions(wasm: &[u8]) -> wasmparser::Result<(u32, Vec<&[u8]>)> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    Ok((imported, bodies))
}

/// The least hash of all stretches, by each of several hash functions.
fn marks(body: &[u8]) -> [u32; MARKS] {
    let mut least = [u32::MAX; MARKS];
    for stretch in body.windows(STRETCH) {
        let mut hash =
            stretch.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        for mark in &mut least {
            hash = hash.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            *mark = (*mark).min((hash >> 32) as u32);
        }
    }
    least
}

/// Begins with the first and goes on with whoever resembles the last one most; among equals the
/// one that stood first.
fn chain(marks: &[[u32; MARKS]]) -> Vec<usize> {
    let alike = |a: usize, b: usize| marks[a].iter().zip(&marks[b]).filter(|(a, b)| a == b).count();
    let mut left: Vec<usize> = (0..marks.len()).collect();
    let mut order = Vec::with_capacity(left.len());
    let mut next = (!left.is_empty()).then_some(0);
    while let Some(at) = next {
        let last = left.remove(at);
        order.push(last);
        next = (0..left.len()).max_by_key(|&i| (alike(last, left[i]), std::cmp::Reverse(i)));
    }
    order
}

struct Reorder {
    imported: u32,
    order: Vec<usize>,
    place: Vec<u32>,
}

impl Reencode for Reorder {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> Result<u32, Error<Infallible>> {
        let own = index.checked_sub(self.imported);
        Ok(own.and_then(|own| self.place.get(own as usize)).map_or(index, |place| self.imported + place))
    }

    fn parse_function_section(&mut self, out: &mut FunctionSection, section: FunctionSectionReader<'_>) -> Result<(), Error<Infallible>> {
        let types = section.into_iter().collect::<wasmparser::Result<Vec<u32>>>()?;
        for &old in &self.order.clone() {
            out.function(self.type_index(types[old])?);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, out: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), Error<Infallible>> {
        let bodies = section.into_iter().collect::<wasmparser::Result<Vec<FunctionBody<'_>>>>()?;
        for &old in &self.order.clone() {
            utils::parse_function_body(self, out, bodies[old].clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module, TypeSection};
    use wasmparser::{Operator, Parser, Payload};

    use super::side_by_side;

    /// Functions of two kinds in turns; each begins with a number of its own, and the last calls the second.
    fn mixed() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for n in 0..6 {
            functions.function(0);
            let mut body = Function::new([]);
            body.instructions().i32_const(100 + n).drop();
            for _ in 0..8 {
                match n % 2 {
                    0 => _ = body.instructions().i64_const(7).i64_const(9).i64_add().drop(),
                    _ => _ = body.instructions().f32_const(1.5.into()).f32_sqrt().drop(),
                }
            }
            if n == 5 {
                body.instructions().call(1);
            }
            body.instructions().end();
            code.function(&body);
        }
        let mut exports = ExportSection::new();
        exports.export("third", ExportKind::Func, 2);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&exports).section(&code);
        module.finish()
    }

    /// The number that each function begins with, who calls which of them, and the export's index.
    fn read(wasm: &[u8]) -> (Vec<i32>, u32, u32) {
        let (mut firsts, mut called, mut exported) = (Vec::new(), 0, 0);
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.expect("wasm") {
                Payload::ExportSection(section) => exported = section.into_iter().next().expect("one").expect("an export").index,
                Payload::CodeSectionEntry(body) => {
                    for (at, operator) in body.get_operators_reader().expect("code").into_iter().enumerate() {
                        match operator.expect("an operator") {
                            Operator::I32Const { value } if at == 0 => firsts.push(value),
                            Operator::Call { function_index } => called = function_index,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        (firsts, called, exported)
    }

    #[test]
    fn like_stands_by_like_and_everybody_is_still_found() {
        let made = side_by_side(&mixed()).expect("made");
        let (firsts, called, exported) = read(&made);
        assert_eq!(firsts[..3].iter().map(|n| n % 2).collect::<Vec<_>>(), [0, 0, 0], "{firsts:?}");
        let mut all = firsts.clone();
        all.sort_unstable();
        assert_eq!(all, [100, 101, 102, 103, 104, 105]);
        assert_eq!((firsts[called as usize], firsts[exported as usize]), (101, 102));
        assert_eq!(side_by_side(&mixed()).expect("made"), made, "the same each time");
    }
}
