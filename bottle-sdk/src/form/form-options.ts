/** What a form may have at most; beyond it is `form-too-large` (413). Sizes are in bytes. */
export interface FormOptions {
  /** Fields that are not files. @default 1000 */
  maxFields?: number;
  /** Files, those of empty file inputs included. @default 100 */
  maxFiles?: number;
  /** Fields and files together. @default 1000 */
  maxParts?: number;
  /** The name of a field or a file's field. @default 1 KiB */
  maxFieldNameBytes?: number;
  /** The value of one field. @default 1 MiB */
  maxFieldBytes?: number;
  /** The values of all fields together; they are in memory. @default 8 MiB */
  maxFieldsBytes?: number;
  /** One file. @default 100 MiB */
  maxFileBytes?: number;
  /** The head of one part: its header lines. @default 16 KiB */
  maxHeaderBytes?: number;
  /** The whole body. @default 128 MiB */
  maxBytes?: number;
}

export type FormLimits = Readonly<Required<FormOptions>>;

const KIB = 1024;
const MIB = 1024 * KIB;

const DEFAULTS: FormLimits = Object.freeze({
  maxFields: 1_000,
  maxFiles: 100,
  maxParts: 1_000,
  maxFieldNameBytes: KIB,
  maxFieldBytes: MIB,
  maxFieldsBytes: 8 * MIB,
  maxFileBytes: 100 * MIB,
  maxHeaderBytes: 16 * KIB,
  maxBytes: 128 * MIB,
});

/** Fills in the defaults. Throws TypeError for an option that there is not, or that is no size. */
export function resolveFormLimits(options: FormOptions): FormLimits {
  const limits: Record<string, number> = { ...DEFAULTS };
  for (const [name, value] of Object.entries(options) as [string, number | undefined][]) {
    if (!(name in DEFAULTS)) throw new TypeError(`form() has no option ${name}: ${Object.keys(DEFAULTS).join(', ')}`);
    if (value === undefined) continue;
    const isSize = value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= 0);
    if (!isSize) throw new TypeError(`${name} must be a whole number from 0, or Infinity, not ${String(value)}`);
    limits[name] = value;
  }
  return limits as FormLimits;
}
