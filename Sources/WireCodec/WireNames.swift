package import Channels
package import MarketData

// The enumerations' names on the wire, without their prefix.

extension EventType {
  package var wireName: String {
    switch self {
    case .high: "HIGH"
    case .low: "LOW"
    case .trend: "TREND"
    case .surge: "SURGE"
    case .significantMove: "SIGNIFICANT_MOVE"
    case .volumeSpike: "VOLUME_SPIKE"
    case .gap: "GAP"
    case .valuation: "VALUATION"
    case .barClosed: "BAR_CLOSED"
    case .quarantine: "QUARANTINE"
    case .vwapCross: "VWAP_CROSS"
    case .openingRangeBreak: "OPENING_RANGE_BREAK"
    }
  }
}

extension Direction {
  package var wireName: String {
    switch self {
    case .unspecified: "UNSPECIFIED"
    case .up: "UP"
    case .down: "DOWN"
    case .flat: "FLAT"
    }
  }
}

extension TradingSession {
  package var wireName: String {
    switch self {
    case .pre: "PRE"
    case .regular: "REGULAR"
    case .post: "POST"
    case .closed: "CLOSED"
    case .continuous: "CONTINUOUS"
    }
  }
}

extension RejectionCode {
  package var wireName: String {
    switch self {
    case .emptyPayload: "EMPTY_PAYLOAD"
    case .badSymbol: "BAD_SYMBOL"
    case .badPrice: "BAD_PRICE"
    case .badSize: "BAD_SIZE"
    case .badTimestamp: "BAD_TIMESTAMP"
    case .badBar: "BAD_BAR"
    case .badColumns: "BAD_COLUMNS"
    case .noChannel: "NO_CHANNEL"
    case .tooManySymbols: "TOO_MANY_SYMBOLS"
    case .sequenceRegression: "SEQUENCE_REGRESSION"
    case .badFairValue: "BAD_FAIR_VALUE"
    }
  }
}

extension ChannelState {
  package var wireName: String {
    switch self {
    case .starting: "STARTING"
    case .running: "RUNNING"
    case .paused: "PAUSED"
    case .draining: "DRAINING"
    case .stopped: "STOPPED"
    case .failed: "FAILED"
    }
  }
}

extension Health {
  package var wireName: String {
    switch self {
    case .healthy: "HEALTHY"
    case .degraded: "DEGRADED"
    case .unhealthy: "UNHEALTHY"
    }
  }
}

extension BreakerState {
  package var wireName: String {
    switch self {
    case .closed: "CLOSED"
    case .open: "OPEN"
    case .halfOpen: "HALF_OPEN"
    }
  }
}
