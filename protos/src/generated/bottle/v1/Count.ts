// Original file: bottle/v1/channel.proto


/**
 * Asks for `Counts`.
 */
export interface Count {
}

/**
 * Asks for `Counts`.
 */
export interface Count__Output {
}
