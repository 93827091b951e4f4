/** The version of all packages: they are released together, and a test holds them in step. */
export const VERSION = '0.1.0';
