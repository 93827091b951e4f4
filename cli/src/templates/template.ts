/** What one kind of project has of its own. */
export interface Template {
  /** One line for the help. */
  summary: string;
  files(options: TemplateOptions): Record<string, string>;
  /** Lines of the README that show it at work. */
  tryIt(options: TemplateOptions): string;
}

interface TemplateOptions {
  name: string;
  /** "ts" or "js": the ending of the code. */
  ending: 'ts' | 'js';
  /** A type, with what stands around it; nothing in JavaScript. */
  type(text: string): string;
}

export const SERVERLESS_SCHEMA = '# yaml-language-server: $schema=./node_modules/bottle-cli/serverless.schema.json\n';
export const SIDECAR_SCHEMA = '# yaml-language-server: $schema=./node_modules/bottle-cli/sidecar.schema.json\n';
