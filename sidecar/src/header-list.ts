// Lists that alternate lower-case name and value.

/** The value of the first field of that name. */
export function valueOf(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) if (headers[index] === name) return headers[index + 1];
  return undefined;
}

/** Replaces the values of all fields of that name; undefined takes the field out. */
export function changeField(headers: string[], name: string, change: (value: string) => string | undefined): void {
  for (let index = headers.length - 2; index >= 0; index -= 2) {
    if (headers[index] !== name) continue;
    const value = change(headers[index + 1] ?? '');
    if (value === undefined) headers.splice(index, 2);
    else headers[index + 1] = value;
  }
}

/** Says that the answer depends on this request field, besides what Vary says already. */
export function addVary(headers: string[], field: string): void {
  let isSaid = false;
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] !== 'vary') continue;
    const fields = (headers[index + 1] ?? '').toLowerCase().split(',');
    isSaid ||= fields.some((each) => each.trim() === field || each.trim() === '*');
  }
  if (isSaid) return;
  let isMerged = false;
  changeField(headers, 'vary', (value) => {
    if (isMerged || value.trim() === '') return value.trim() === '' ? undefined : value;
    isMerged = true;
    return `${value}, ${field}`;
  });
  if (!isMerged) headers.push('vary', field);
}
