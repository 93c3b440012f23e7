//! The address that adds a certificate to a LinkedIn profile.

use super::issued::Issued;

const ADD: &str = "https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME";

/// LinkedIn's form, filled in: who issued it, when (year and month, from 1), and the link that verifies it.
pub fn linkedin(issued: &Issued, organization: &str, (year, month): (u16, u8), link: &str) -> String {
    let mut address = ADD.to_owned();
    for (key, value) in [
        ("name", issued.title.as_str()),
        ("organizationName", organization),
        ("issueYear", &year.to_string()),
        ("issueMonth", &month.to_string()),
        ("certUrl", link),
        ("certId", &issued.code),
    ] {
        address.push('&');
        address.push_str(key);
        address.push('=');
        encode(&mut address, value);
    }
    address
}

/// Percent-encodes everything but the unreserved characters (RFC 3986 section 2.3).
fn encode(address: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push('%');
            for nibble in [byte >> 4, byte & 15] {
                address.push(char::from(b"0123456789ABCDEF"[usize::from(nibble)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_survives_any_text() {
        let issued = Issued {
            title: "Hopscope: L4 & L7, 100 %".into(),
            name: "Zoë".into(),
            lines: vec![],
            lessons: vec![],
            facts: vec![],
            code: "7F3A-41C0".into(),
        };
        let address = linkedin(&issued, "Über+Co", (2026, 3), "https://x.example/verify/#v1.a-_b");
        assert_eq!(
            address,
            "https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME\
             &name=Hopscope%3A%20L4%20%26%20L7%2C%20100%20%25&organizationName=%C3%9Cber%2BCo&issueYear=2026&issueMonth=3\
             &certUrl=https%3A%2F%2Fx.example%2Fverify%2F%23v1.a-_b&certId=7F3A-41C0"
        );
        assert!(address.bytes().all(|b| b.is_ascii_graphic()));
    }
}
