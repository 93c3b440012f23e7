//! Pictures of the track Global.

/// From the root of the names down to the one that answers.
pub(super) const DNS_AND_GSLB: &str = r#"
<path class="wire" d="M84 16 114 42M114 42V68M50 42 32 68"/>
<path class="s-edge bold" d="M80 18 50 42M52 45 68 66"/>
<circle class="f-edge" cx="82" cy="15" r="5.5"/><circle class="f-edge" cx="50" cy="42" r="5.5"/><circle class="f-edge" cx="70" cy="68" r="5.5"/>
<circle class="f-link" cx="114" cy="42" r="4.5"/><circle class="f-link" cx="114" cy="68" r="4.5"/><circle class="f-link" cx="32" cy="68" r="4.5"/>
<text class="f-ink3 start" x="94" y="18">root</text>
"#;

/// One address announced from three places.
pub(super) const DELIVERY_MODES: &str = r#"
<rect class="s-edge" x="54" y="6" width="52" height="18" rx="4"/><text class="f-edge" x="80" y="19">one IP</text>
<path class="s-edge dotted" d="M64 25 36 38M80 25V38M96 25 124 38"/>
<g class="s-edge t-edge"><path d="M34 38 42 42.5 42 51.5 34 56 26 51.5 26 42.500Z"/><path d="M80 38 88 42.5 88 51.5 80 56 72 51.5 72 42.500Z"/><path d="M126 38 134 42.5 134 51.5 126 56 118 51.5 118 42.500Z"/></g>
<path class="wire" d="M31 57 25 69M37 57 43 69M77 57 71 69M83 57 89 69M123 57 117 69M129 57 135 69"/>
<g class="f-client"><circle cx="24" cy="73" r="3.5"/><circle cx="44" cy="73" r="3.5"/><circle cx="70" cy="73" r="3.5"/><circle cx="90" cy="73" r="3.5"/><circle cx="116" cy="73" r="3.5"/><circle cx="136" cy="73" r="3.5"/></g>
"#;
