//! What an object counts against the bound: every server counts something else than its bytes.

/// What a `mem_node` of Squid takes: a page of 4,096 bytes, 32 for the `StoreIOBuffer` before it and
/// a flag behind it, rounded up to 8 (`mem_node.h`, 5.7). `cache_mem` is divided by this.
pub const SQUID_PAGE: u64 = 4_136;

/// What is in Squid's memory before the first request, in pages: the icons of its directory
/// listings, 50 of less than a page, and its logo with four (`mime.conf`, `icons/`, 5.7). They stay.
pub const SQUID_ICONS: u64 = 54;

/// `sizeof(struct object)` of Varnish (`storage_simple.h`, 7.1, 64 bits).
const VARNISH_OBJECT: u64 = 120;

/// How large an object is, in bytes as they are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// The header block: start line, fields and the empty line. For Varnish see [`varnish_head`].
    pub head: u64,
    /// The content.
    pub body: u64,
}

/// How objects are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Their bytes, header and content.
    #[default]
    Bytes,
    /// Varnish's `malloc`: what is asked of it, which is the object with its header block
    /// and the content. What `malloc` itself needs is not counted (`storage_malloc.c`, 7.1).
    Malloc,
    /// Squid's memory: pages of 4 KB, with header and content one behind the other (`stmem.cc`, 5.7).
    Pages,
    /// nginx on disk: blocks of 4 KB (`ngx_http_file_cache.c`, `fs_size`).
    Blocks,
}

impl Unit {
    /// What an object of that size counts, in bytes.
    pub const fn cost(self, size: Size) -> u64 {
        let bytes = size.head.saturating_add(size.body);
        match self {
            Self::Bytes => bytes,
            Self::Malloc => bytes.saturating_add(VARNISH_OBJECT),
            Self::Pages => bytes.div_ceil(4_096).saturating_mul(SQUID_PAGE),
            Self::Blocks => bytes.div_ceil(4_096).saturating_mul(4_096),
        }
    }
}

/// What Varnish makes of a header block: four bytes before, each of protocol, status, reason and the
/// fields with a zero behind it, a zero at the end, all rounded up to 8 (`http_EstimateWS`, 7.1).
///
/// `lines` are the lengths of the fields as `Name: value`, without those of the connection.
pub fn varnish_head(lines: impl Iterator<Item = u64>) -> u64 {
    let start = ["HTTP/1.1", "200", "OK"].map(|part| part.len() as u64);
    let bytes: u64 = start.into_iter().chain(lines).map(|length| length + 1).sum();
    (4 + bytes + 1).div_ceil(8) * 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_counts_what_its_server_counts() {
        let check = |unit: Unit, head, body, cost| assert_eq!(unit.cost(Size { head, body }), cost, "{unit:?} {head} {body}");
        check(Unit::Bytes, 200, 1_000, 1_200);
        check(Unit::Pages, 96, 4_000, SQUID_PAGE);
        check(Unit::Pages, 97, 4_000, 2 * SQUID_PAGE);
        check(Unit::Blocks, 0, 1, 4_096);
        check(Unit::Malloc, 104, 1_001, 120 + 1_105);
        check(Unit::Malloc, u64::MAX, 1, u64::MAX);
        // 4 + 9 + 4 + 3 + (17 + 1) + 1 = 39.
        assert_eq!(varnish_head([17].into_iter()), 40);
    }
}
