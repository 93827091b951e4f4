export { type ConfigProblem, ConfigProblems } from './config-problems.ts';
export { nearestKey } from './nearest-key.ts';
export { validate } from './validate.ts';
export { resolveVariables } from './variables.ts';
export { type ConfigPlace, type ConfigSource, parseConfig, readConfigFile } from './read-config-file.ts';
