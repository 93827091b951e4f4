/** What a new project is developed with: the versions that this repository itself uses. */
export const TOOL_VERSIONS = {
  '@types/node': '^24.19.2',
  node: '^24.21.0',
  typescript: '^7.0.2',
} as const;
