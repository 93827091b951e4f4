// Original file: bottle/v1/ping.proto


/**
 * Asks whether whoever reads this connection still does. Each process asks the other one, every second.
 */
export interface Ping {
}

/**
 * Asks whether whoever reads this connection still does. Each process asks the other one, every second.
 */
export interface Ping__Output {
}
