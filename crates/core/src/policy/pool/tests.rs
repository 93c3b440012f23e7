use super::*;

/// Plays a script and writes down what is answered. Times are milliseconds. `5a2` asks for member
/// 2 at 5, `5r1` answers the request on connection 1, `5x1` likewise and its end closes it, `5d1`
/// breaks it, `5e` lets expire what has expired. Connections and requests are numbered from 1.
///
/// `+1` opens connection 1, `=1` reuses it, `w` waits, `-` is refused, `k` is kept, `k/1` is kept
/// for connection 1, `c` is closed, `>4` goes to request 4; a bar before what follows from it.
fn play(rules: Rules, script: &str) -> String {
    let mut pool: Pool = Pool::new(rules);
    let (mut requests, mut conns, mut told) = (0, 0, Vec::new());
    for word in script.split_whitespace() {
        let place = word.find(|c: char| c.is_ascii_alphabetic()).expect("a letter");
        let now = Instant(word[..place].parse::<u64>().expect("a time") * 1_000);
        let number = word[place + 1..].parse().unwrap_or(0);
        let mut said = match &word[place..=place] {
            "a" => {
                requests += 1;
                let ask = Ask { request: requests, member: number, client: requests, first: true };
                let (answer, _) = pool.ask(&ask, now);
                follow(&mut pool, &ask, answer, &mut conns, now)
            }
            "e" => expire(&mut pool, now),
            "d" => {
                pool.closed(number);
                String::new()
            }
            how => match pool.release(number, how == "r", now).0 {
                Release::Keep => "k".to_owned(),
                Release::KeepAndClose(other) => format!("k/{other}"),
                Release::Pass(request) => format!(">{request}"),
                Release::Close => "c".to_owned(),
            },
        };
        for member in 0..4 {
            while let Some((ask, answer, _)) = pool.next(member, now) {
                said += &format!("|{}{}", ask.request, follow(&mut pool, &ask, answer, &mut conns, now));
            }
        }
        told.push(said);
    }
    told.join(" ")
}

fn follow(pool: &mut Pool, ask: &Ask<u32>, answer: Answer<u32>, conns: &mut u32, now: Instant) -> String {
    match answer {
        Answer::Reuse(conn) => format!("={conn}"),
        Answer::Open => {
            *conns += 1;
            pool.opened(*conns, ask, now);
            format!("+{conns}")
        }
        Answer::Wait => "w".to_owned(),
        Answer::Refuse => "-".to_owned(),
    }
}

fn expire(pool: &mut Pool, now: Instant) -> String {
    let mut said = "e".to_owned();
    while let Some((expired, _)) = pool.expire(now) {
        said += &match expired {
            Expired::Idle(conn) => format!("/{conn}"),
            Expired::Waited(request) => format!("-{request}"),
        };
    }
    said
}

fn check(rules: Rules, script: &str, expect: &str) {
    assert_eq!(play(rules, script), expect, "{script} with {rules:?}");
}

#[test]
fn idle_connections_are_kept_for_each_member() {
    let rules = Rules::per_member(1);
    check(rules, "0a1 0a1 0a2 1r1 1r2 1r3 2a1 2a1 2a2", "+1 +2 +3 k c k =1 +4 =3");
    check(Rules::per_member(0), "0a1 1r1 2a1", "+1 c +2");
    check(rules, "0a1 1x1 2a1 3r2 3d2 4a1", "+1 c +2 k  +3");
}

#[test]
fn the_last_used_or_the_longest_idle_is_taken() {
    let rules = Rules::per_member(3);
    let script = "0a1 0a1 0a1 1r2 2r3 3r1 4a1 4a1 4a1";
    check(rules, script, "+1 +2 +3 k k k =1 =3 =2");
    check(Rules { order: Order::Fifo, ..rules }, script, "+1 +2 +3 k k k =2 =3 =1");
}

#[test]
fn a_connection_ends_after_so_many_requests_or_so_long() {
    let rules = Rules { max_requests: 2, ..Rules::per_member(4) };
    check(rules, "0a1 1r1 2a1 3r1 4a1", "+1 k =1 c +2");
    let rules = Rules { lifetime: Duration::from_millis(10), ..Rules::per_member(4) };
    check(rules, "0a1 10r1 11a1 12r1 13a1", "+1 k =1 c +2");
    let rules = Rules { idle_timeout: Duration::from_millis(10), ..Rules::per_member(4) };
    check(rules, "0a1 0a1 1r1 2r2 11e 11a1 12a1", "+1 +2 k k e/1 =2 +3");
    check(rules, "0a1 1r1 11a1 11e", "+1 k +2 e/1");
}

#[test]
fn who_finds_all_taken_waits_in_line() {
    let rules = Rules { max_connections: 1, max_waiting: 2, ..Rules::per_member(1) };
    check(rules, "0a1 0a1 0a1 0a1 0a2 1r1 2r1 3r1", "+1 w w - +2 >2 >3 k");
    // A connection that ends leaves room for another, and so does one that breaks.
    check(rules, "0a1 0a1 0a1 1x1 2d2", "+1 w w c|2+2 |3+3");
    check(Rules { max_idle: 0, ..rules }, "0a1 0a1 1r1", "+1 w c|2+2");
    let rules = Rules { wait_timeout: Duration::from_millis(5), ..rules };
    check(rules, "0a1 0a1 3a1 5e 6r1", "+1 w w e-2 >3");
}

#[test]
fn nginx_has_one_cache_for_all() {
    let rules = Rules::nginx(2);
    check(rules, "0a1 0a2 0a1 1r1 1r2 1r3 2a1 2a1 2a2", "+1 +2 +3 k k k/1 =3 +4 =2");
    check(Rules { max_requests: 1, ..rules }, "0a1 1r1 2a1", "+1 c +2");
    check(rules, "0a1 1r1 60001e", "+1 k e/1");
}

#[test]
fn a_lower_limit_closes_what_is_above_it() {
    let mut pool: Pool = Pool::new(Rules::per_member(2));
    let now = Instant::START;
    for conn in [1, 2] {
        pool.opened(conn, &Ask { request: conn, member: 1, client: 0, first: true }, now);
    }
    pool.release(1, true, now);
    pool.release(2, true, now);
    pool.set_rules(Rules::per_member(1));
    assert_eq!(pool.expire(now), Some((Expired::Idle(1), Reason::LimitLowered)));
    assert_eq!(pool.expire(now), None);
}

#[test]
fn the_next_deadline_is_the_soonest() {
    let ms = Duration::from_millis;
    let rules = Rules { max_connections: 1, max_waiting: 1, idle_timeout: ms(9), wait_timeout: ms(5), ..Rules::per_member(1) };
    let mut pool: Pool = Pool::new(rules);
    let ask = |request, member| Ask { request, member, client: 0, first: true };
    assert_eq!(pool.deadline(), None);
    pool.opened(1, &ask(1, 1), Instant::START);
    pool.release(1, true, Instant(1_000));
    assert_eq!(pool.deadline(), Some(Instant(10_000)));
    pool.opened(2, &ask(2, 2), Instant::START);
    assert_eq!(pool.ask(&ask(3, 2), Instant(2_000)), (Answer::Wait, Reason::AllTaken(1)));
    assert_eq!(pool.deadline(), Some(Instant(7_000)));
    pool.withdraw(3);
    assert_eq!(pool.deadline(), Some(Instant(10_000)));
}

#[cfg(feature = "http-reuse")]
mod haproxy {
    use super::super::haproxy::{HttpReuse, Mode};
    use super::*;

    /// Like [`play`], with letters for clients: `a` asks as that client's next request, `b` as its
    /// first, both for member 0.
    fn check(reuse: HttpReuse, script: &str, expect: &str) {
        let mut pool: Pool = Pool::new(Rules { sharing: Sharing::Http(reuse), ..Rules::per_member(u32::MAX) });
        let (mut conns, mut told) = (0, Vec::new());
        for word in script.split_whitespace() {
            let place = word.find(|c: char| c.is_ascii_alphabetic()).expect("a letter");
            let now = Instant(word[..place].parse::<u64>().expect("a time") * 1_000);
            let number: u32 = word[place + 1..].parse().unwrap_or(0);
            told.push(match &word[place..=place] {
                "r" => match pool.release(number, true, now).0 {
                    Release::Keep => "k".to_owned(),
                    other => format!("{other:?}").to_lowercase()[..1].to_owned(),
                },
                "e" => expire(&mut pool, now),
                kind => {
                    let ask = Ask { request: number, member: 0, client: number, first: kind == "b" };
                    let (answer, _) = pool.ask(&ask, now);
                    follow(&mut pool, &ask, answer, &mut conns, now)
                }
            });
        }
        assert_eq!(told.join(" "), expect, "{script} with {reuse:?}");
    }

    #[test]
    fn the_modes_differ_in_the_first_request() {
        let script = "0b1 1r1 2b2 3r2 4a1 5r1 6b3";
        check(HttpReuse::new(Mode::Never), script, "+1 k +2 k =1 k +3");
        check(HttpReuse::new(Mode::Safe), script, "+1 k +2 c =1 k +3");
        check(HttpReuse::new(Mode::Aggressive), script, "+1 k +2 c =1 k =1");
        check(HttpReuse::new(Mode::Always), "0b1 1r1 2b2 3r1 4a1 5r1 6b3", "+1 k =1 k =1 k =1");
    }

    #[test]
    fn as_many_are_kept_as_were_needed() {
        let safe = HttpReuse::new(Mode::Safe);
        // Three at once are three that are needed. One is idle already, so the first is one too many.
        check(safe, "0b1 0b2 0b3 1r1 1r2 1r3 2b4 3r4", "+1 +2 +3 k k k +4 c");
        check(HttpReuse { low: 1, ..safe }, "0b1 1r1 2b2 3r2 4b3 5r3", "+1 k +2 k +3 c");
        check(HttpReuse { purge_delay: Duration::ZERO, ..safe }, "0b1 1r1", "+1 c");
    }

    #[test]
    fn a_purge_closes_what_is_not_needed() {
        let safe = HttpReuse::new(Mode::Safe);
        // The estimate is three, then half of it with each purge: three, three, one, none. Of what is
        // above it half is closed, rounded up, and one more.
        check(safe, "0b1 0b2 0b3 1r1 1r2 1r3 5000e 5001e 10001e 15001e 20001e", "+1 +2 +3 k k k e e e e/1/2 e/3");
    }

    #[test]
    fn a_session_keeps_so_many_of_its_own() {
        let never = HttpReuse { per_client: 1, ..HttpReuse::new(Mode::Never) };
        check(never, "0b1 0a1 1r1 1r2 2a1 2a1", "+1 +2 k c =1 +3");
    }

    #[test]
    fn what_is_a_clients_own_goes_with_it() {
        for (mode, expect) in [(Mode::Never, Some(1)), (Mode::Safe, None)] {
            let mut pool: Pool = Pool::new(Rules { sharing: Sharing::Http(HttpReuse::new(mode)), ..Rules::per_member(u32::MAX) });
            pool.opened(1, &Ask { request: 1, member: 0, client: 7, first: true }, Instant::START);
            pool.release(1, true, Instant::START);
            assert_eq!(pool.client_left(8), None);
            assert_eq!(pool.client_left(7), expect, "{mode:?}");
        }
    }
}
