//! Pictures of the track Inside the proxy.

/// Many thin connections in, few thick ones out.
pub(super) const CONNECTION_POOLING: &str = r#"
<path class="s-client thin" d="M14 14H68M14 25H68M14 36H68M14 47H68M14 58H68M14 69H68"/>
<circle class="f-ok" cx="26" cy="14" r="3"/><circle class="f-ok" cx="46" cy="25" r="3"/><circle class="f-ok" cx="34" cy="47" r="3"/><circle class="f-ok" cx="54" cy="58" r="3"/><circle class="f-ok" cx="22" cy="69" r="3"/>
<rect class="s-proxy" x="69" y="8" width="22" height="68" rx="6"/>
<path class="s-backend bold" d="M92 28H120M92 56H120"/>
<rect class="s-backend" x="121" y="20" width="26" height="16" rx="3"/><path class="s-backend" d="M127 28h.1"/>
<rect class="s-backend" x="121" y="48" width="26" height="16" rx="3"/><path class="s-backend" d="M127 56h.1"/>
"#;

/// The wire is closed up to the lock and open behind it.
pub(super) const TLS_TERMINATION: &str = r#"
<path class="s-client dotted" d="M12 46H58"/>
<rect class="s-proxy" x="60" y="34" width="34" height="28" rx="5"/>
<path class="s-proxy" d="M67 34V27C67 13 87 13 87 27V34"/>
<circle class="f-proxy" cx="77" cy="46" r="3"/><path class="s-proxy" d="M77 47V53"/>
<path class="s-ok" d="M96 46H120"/><circle class="f-ok" cx="108" cy="46" r="3.5"/>
<rect class="s-backend" x="121" y="38" width="26" height="16" rx="3"/><path class="s-backend" d="M127 46h.1"/>
"#;

/// One request, three places by path.
pub(super) const REQUEST_ROUTING: &str = r#"
<circle class="f-ok" cx="20" cy="42" r="4"/>
<path class="wire" d="M28 42H46"/>
<path class="s-proxy" d="M62 26 78 42 62 58 46 42Z"/>
<path class="s-proxy" d="M78 42C94 42 90 18 108 18"/>
<path class="wire" d="M78 42H108M78 42C94 42 90 66 108 66"/>
<text class="f-backend start" x="113" y="22">/api</text>
<text class="f-ink3 start" x="113" y="46">/img</text>
<text class="f-ink3 start" x="113" y="70">/</text>
"#;

/// Three gates in a row; one request is turned away at the second.
pub(super) const API_GATEWAY: &str = r#"
<path class="wire" d="M10 42H150"/>
<rect class="s-proxy surface" x="34" y="16" width="24" height="52" rx="5"/>
<rect class="s-proxy surface" x="70" y="16" width="24" height="52" rx="5"/>
<rect class="s-proxy surface" x="106" y="16" width="24" height="52" rx="5"/>
<g class="s-proxy"><circle cx="43" cy="42" r="4"/><path d="M47 42H53M51 42V45.5"/><path d="M76 49A7 7 0 0 1 88 49M82 48 85.5 42"/><path d="M112 42H117M117 42 124 36M117 42 124 48"/></g>
<circle class="f-ok" cx="22" cy="42" r="4"/><circle class="f-ok" cx="142" cy="42" r="4"/>
<path class="s-error dashed" d="M82 69V76"/><path class="s-error" d="M60 72 67 79M67 72 60 79"/>
"#;
