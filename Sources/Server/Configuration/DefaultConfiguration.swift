/// The documented default, as `penstock config default` prints it. A test reads it back and compares it with `ServerConfiguration()`.
package let defaultConfigurationText = """
  # Penstock's configuration, with every key at its default. All of it may be left out.
  # Check a file with `penstock config check FILE`. Durations are written 500ms, 60s, 20m, 1h.

  server:
    # HOST:PORT to listen on; port 0 takes any free one and prints it.
    listen: 127.0.0.1:7171
    # Threads that serve connections; 0 = one for each core, at most 8.
    event_loops: 0
    # Whether `serve --fault-plan` is allowed: for drills, never where money is.
    faults: false
    # How long a shutdown waits for clients and rings before it ends what is left.
    drain: 10s
    limits:
      # The largest message taken, in bytes.
      max_message_bytes: 4194304
      # The most items in one message.
      max_items: 65536
      max_symbols: 1000000
      # Names of fair-value models.
      max_models: 1000
      # Publisher names that the server remembers.
      max_publishers: 10000
      # How long each is remembered after its last stream; while max_publishers are, new names are refused.
      publisher_memory: 7d
      # The last 16 (a sixteenth, where that is less) are kept for addresses that hold no connection.
      max_connections: 10000
      # Of one IPv4 address, or one IPv6 network of 64 bits; loopback is an address like any other.
      max_connections_per_address: 5000
      # Of a call's headers: names, values and 32 bytes a field.
      max_header_list_bytes: 16384
      # Calls open at once on one connection.
      max_concurrent_streams: 1000
      # Publishing calls open at once on the whole server.
      max_publish_streams: 16384
      # Subscriptions that run at once on the whole server.
      max_subscribers: 10000
      # How much of max_publish_streams and of the replays that run at once one connection may have, in per cent.
      share_pct: 50
      # A replay whose client brings nothing, and takes nothing, for this long ends.
      idle_replay: 30s
      # Bytes that everything unfinished may hold together: messages that arrive, items beside a full ring, open calls, what clients do not read.
      pending_bytes: 268435456
      # A call that gets no byte of a message that has begun for this long ends DEADLINE_EXCEEDED.
      idle_message: 60s
    keepalive:
      # A silent connection is asked for a sign of life after this long; 0s = never.
      interval: 60s
      # A connection that does not answer within this time is closed.
      timeout: 20s

  routing:
    # Which channel takes a symbol at first sight, by kind; there it stays until a failover or `rebalance`. symbol_hash: by the
    # names alone; round_robin; least_loaded: the emptiest ring, then the fewest symbols; healthiest; random, from the seed.
    tick: { strategy: symbol_hash, seed: 0 }
    bar: { strategy: symbol_hash, seed: 0 }
    fmv: { strategy: symbol_hash, seed: 0 }

  event_log:
    kind: memory
    # What is kept for subscribers that come late: the newest events within both bounds; keep_bytes is memory for encoded events.
    keep_events: 1000000
    keep_bytes: 536870912

  channels:
    - name: ticks-1
      # tick, bar or fmv.
      type: tick
      # Items; a power of two. Each takes 64 bytes, a bar 112, a fair value 72.
      ring_capacity: 65536
      # While the ring is full, block makes publishers wait and loses nothing; drop_newest, drop_oldest and conflate (the newest of
      # each symbol is kept) lose what the acknowledgements tell.
      overflow: block
      batching:
        # immediate: whatever is there; adaptive: grows with the ring's depth, shrinks when idle; size: full batches, or what
        # is there after max_wait_us; time: what came in max_wait_us. docs/operations.md says when to use which.
        strategy: adaptive
        max_batch: 1024
        max_wait_us: 500
      # When the channel stops and its symbols move to a sibling.
      breaker:
        # Sliding; with fewer batches in it nothing is decided.
        window: 10s
        min_batches: 20
        failure_rate_pct: 50
        # A batch is slow when an item takes longer than slow_item.
        slow_rate_pct: 50
        slow_item: 1ms
        # So many failed batches in a row open it at once.
        consecutive_failures: 5
        # The first stay in OPEN; it doubles up to open_max.
        open: 5s
        open_max: 60s
        # So many good batches in HALF_OPEN close it.
        probe_batches: 5
      # When the channel counts as degraded.
      health:
        # Nothing processed while the ring is not empty.
        stall_after: 5s
        # The ring's depth, for so long.
        depth_pct: 80
        depth_for: 5s
        # From accepted to picked up, the 99th percentile.
        p99_limit: 1s
      # How an idle worker waits: park (sleeps), yield, or spin (burns a core, saves microseconds).
      wait: park
      # Profiles whose symbols this channel may take; empty = all.
      profiles: []
    - name: ticks-2
      type: tick
    - name: bars-1
      type: bar
    - name: values-1
      type: fmv

  profiles:
    - name: default
      # `*`, exact symbols, and prefixes that end in `*`. A symbol takes the first profile that matches.
      symbols: ["*"]
      calendar:
        # us_equities: New York sessions and holidays; continuous: one session a UTC day, without the keys below; none: only what
        # the keys below say, as when they stand without a preset. With us_equities they change it.
        preset: us_equities
        # As in the IANA database, such as Europe/London; daylight saving is followed.
        # time_zone: America/New_York
        # Local times when each session begins, up to "24:00"; without pre or post there is no such session.
        # sessions: { pre: "04:00", regular: "09:30", post: "16:00", closed: "20:00" }
        # Closed besides weekends and, with us_equities, the Exchange's holidays.
        # holidays: ["2026-11-26"]
        # REGULAR ends then, and POST runs as long as usual from there. Above those of us_equities.
        # early_closes: ["2026-11-27 13:00"]
      # Items further ahead of the server's clock than this are rejected.
      max_ahead: 10s
      detectors:
        tick:
          # Older ticks than the newest of their symbol by more than this are late: counted and ignored.
          lateness_tolerance: 5s
          print_filter:
            enabled: true
            # Percent; grows with the square root of the minutes since the last good price, at most 20-fold.
            jump_pct: 0.5
            # Smaller jumps than this always pass, where the price is at least 1.
            floor: 0.03
            # So many prints in a row at one new price are believed.
            confirm: 5
          activity:
            sigma_sample: 10s
            sigma_time: 600s
            window: 60s
            volume_time: 1200s
          high_low:
            enabled: true
            cooldown: 1s
            reversal_window: 300s
            volume_weight: 0.5
            # The least change that is told, by the price band of the extreme: the first whose `below` exceeds it.
            bands:
              - { below: 1, min_change: 0.005, min_change_pct: 0.2 }
              - { below: 5, min_change: 0.01, min_change_pct: 0.15 }
              - { below: 25, min_change: 0.02, min_change_pct: 0.10 }
              - { below: 100, min_change: 0.05, min_change_pct: 0.08 }
              - { min_change: 0.10, min_change_pct: 0.05 }
            # Factors on the least change outside calm hours.
            extended_hours_factor: 2.0
            opening_factor: 1.5
            opening_time: 30m
          surge:
            enabled: true
            z: 4
            min_move_pct: 0.10
            volume_ratio: 1.5
            warm_up: 120s
            cooldown: 60s
          volume_spike:
            enabled: true
            multiple: 4
            warm_up: 300s
          trend:
            enabled: true
            horizons: [120s, 600s]
            # Samples of 5 s before a horizon is looked at; without it, horizon / 5 s.
            # min_samples: [24, 120]
            enter_r2: 0.6
            enter_move_pct: 0.10
            enter_v: 0.8
            exit_r2: 0.3
          # Crossings of the session's volume-weighted average price, by more than the band.
          vwap_cross:
            enabled: true
            band_pct: 0.05
            warm_up: 300s
          # The first price beyond the range of REGULAR's first minutes, once a side.
          opening_range:
            enabled: true
            minutes: 15
            band_pct: 0.05
          # From the last price of a REGULAR (or CONTINUOUS) session to the first of the next.
          gap:
            enabled: true
            gap_pct: 1.0
          # Bars built from ticks, such as [1s, 1m]: a BAR_CLOSED for each. Every tick of such a profile is then looked at in full.
          bars: []
        bar:
          # Percent from the close before to the open; daily for bars of a day or longer.
          gap: { enabled: true, gap_pct: 1.0, daily_gap_pct: 2.0 }
          # Percent, by the bars' duration: up to a minute, up to five, under a day, longer.
          significant_move:
            enabled: true
            move_pct_1m: 0.5
            move_pct_5m: 1.0
            move_pct_intraday: 2.0
            move_pct_daily: 5.0
          # Against the mean of so many bars before.
          volume_spike: { enabled: true, multiple: 5.0, history: 20 }
          # Closes beyond so many before.
          high_low: { enabled: true, closes: 20 }
          # Windows that bars are put together to.
          aggregate: { enabled: true, windows: [5m, 15m, 1h] }
        fmv:
          # How far the market is from the fair value, in percent.
          valuation:
            enabled: true
            enter_pct: 1.0
            exit_pct: 0.5
            min_confidence: 0.7
            # Of the last tick price, where a value brings no market price.
            max_staleness: 60s

  """
