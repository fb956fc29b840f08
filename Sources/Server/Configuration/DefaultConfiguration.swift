/// The documented default, as `penstock config default` prints it. A test reads it back and compares it with `ServerConfiguration()`.
package let defaultConfigurationText = """
  # Penstock's configuration, with every key at its default. All of it may be left out.
  # Check a file with `penstock config check FILE`. Durations are written 500ms, 60s, 20m, 1h.

  server:
    # HOST:PORT to listen on; port 0 takes any free one and prints it.
    listen: 127.0.0.1:7171
    # Threads that serve connections; 0 = one for each core, at most 8.
    event_loops: 0
    # How long a shutdown waits for clients and rings before it ends what is left.
    drain: 10s
    limits:
      # The largest message taken, in bytes.
      max_message_bytes: 4194304
      # The most items in one message.
      max_items: 65536
      max_symbols: 1000000
      # Publisher names that the server remembers.
      max_publishers: 10000
      max_connections: 10000
      # Calls open at once on one connection.
      max_concurrent_streams: 1000
      # Publishing calls open at once on the whole server.
      max_publish_streams: 16384
      # Bytes of unfinished messages that all connections together may hold.
      pending_bytes: 268435456
    keepalive:
      # A silent connection is asked for a sign of life after this long; 0s = never.
      interval: 60s
      # A connection that does not answer within this time is closed.
      timeout: 20s

  routing:
    tick:
      # Which channel takes a symbol at first sight; there it stays.
      strategy: symbol_hash

  event_log:
    kind: memory
    # What is kept for subscribers that come late: the newest events within both bounds.
    keep_events: 1000000
    keep_bytes: 536870912

  channels:
    - name: ticks-1
      type: tick
      # Items; a power of two. Each takes 64 bytes.
      ring_capacity: 65536
      # block: a full ring makes its publishers wait and loses nothing.
      overflow: block
      batching:
        # immediate: whatever is there; adaptive: grows with the ring's depth, shrinks when idle; size: full batches, or what
        # is there after max_wait_us; time: what came in max_wait_us. docs/operations.md says when to use which.
        strategy: adaptive
        max_batch: 1024
        max_wait_us: 500
      # How an idle worker waits: park (sleeps), yield, or spin (burns a core, saves microseconds).
      wait: park
      # Profiles whose symbols this channel may take; empty = all.
      profiles: []
    - name: ticks-2
      type: tick

  profiles:
    - name: default
      # `*`, exact symbols, and prefixes that end in `*`. A symbol takes the first profile that matches.
      symbols: ["*"]
      calendar:
        # us_equities: New York sessions and holidays; continuous: one session a UTC day.
        preset: us_equities
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

  """
