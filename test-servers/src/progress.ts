/** Tells the person at the terminal what takes time. */
export function reportProgress(line: string): void {
  process.stderr.write(`test-servers: ${line}\n`);
}
