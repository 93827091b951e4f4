const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Bytes of "5mb", "1.5 MiB" or "500000"; undefined for anything else. */
export function parseByteSize(text: string): number | undefined {
  const [, digits, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = UNITS[unit === '' ? 'b' : unit.toLowerCase()];
  if (digits === undefined || factor === undefined || Number(digits) === 0) return undefined;
  return Math.round(Number(digits) * factor);
}

/** "1.2 MB", by thousands. */
export function describeBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  const [factor, unit] = bytes < 999_950 ? [1e3, 'kB'] : bytes < 999_950_000 ? [1e6, 'MB'] : [1e9, 'GB'];
  return `${(bytes / factor).toFixed(1)} ${unit}`;
}
