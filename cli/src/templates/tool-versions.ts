/** What a new project is developed with: the versions that this repository itself uses. */
export const TOOL_VERSIONS = {
  '@types/node': '^26.6.7',
  node: '^26.10.0',
  typescript: '^7.0.2',
} as const;
