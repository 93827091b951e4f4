// Dates and times as bytes of the binary protocol: numbers, as many as are needed for those that are not zero. mysql2 takes the
// year 99 for 1999 and leaves zeros out of fractions.

/** Undefined for what is in no calendar, or finer than a Date. */
export function toDate(bytes: Buffer): Date | undefined {
  const { year, month, day, hour, minute, second, micros } = partsOf(bytes);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second, micros / 1_000));
  if (year < 100) date.setUTCFullYear(year, month - 1, day);
  return isIn(date, month) && micros % 1_000 === 0 ? date : undefined;
}

/** The same of "2024-01-02 03:04:05.678". */
export function textToDate(text: string): Date | undefined {
  const date = new Date(`${text.replace(' ', 'T')}Z`);
  return isIn(date, Number(text.slice(5, 7))) ? date : undefined;
}

/** MySQL may have a month 0, a day 0 and a 30 February, which the calendar counts to another month. */
function isIn(date: Date, month: number): boolean {
  return date.getUTCMonth() === month - 1;
}

/** "2024-01-02 03:04:05.6780", with so many digits of a fraction. */
export function toDateTimeText(bytes: Buffer, digits: number): string {
  const { year, month, day, hour, minute, second, micros } = partsOf(bytes);
  return `${padded(year, 4)}-${padded(month)}-${padded(day)} ${clock(hour, minute, second)}${fraction(micros, digits)}`;
}

/** "-838:59:59.000" */
export function toTimeText(bytes: Buffer, digits: number): string {
  const at = (index: number): number => bytes[index] ?? 0;
  const days = bytes.length > 1 ? bytes.readUInt32LE(1) : 0;
  const micros = bytes.length > 8 ? bytes.readUInt32LE(8) : 0;
  return `${at(0) === 1 ? '-' : ''}${clock(days * 24 + at(5), at(6), at(7))}${fraction(micros, digits)}`;
}

function partsOf(bytes: Buffer) {
  const at = (index: number): number => bytes[index] ?? 0;
  return {
    year: at(0) + at(1) * 256,
    month: at(2),
    day: at(3),
    hour: at(4),
    minute: at(5),
    second: at(6),
    micros: bytes.length > 7 ? bytes.readUInt32LE(7) : 0,
  };
}

function clock(hour: number, minute: number, second: number): string {
  return `${padded(hour)}:${padded(minute)}:${padded(second)}`;
}

/** A digit that is not zero is never left out. */
function fraction(micros: number, digits: number): string {
  if (micros === 0 && digits === 0) return '';
  const shown = padded(micros, 6).replace(/0+$/, '').padEnd(Math.min(digits, 6), '0');
  return shown === '' ? '' : `.${shown}`;
}

function padded(number: number, width = 2): string {
  return String(number).padStart(width, '0');
}
