/** Whether this is a checkout, run from source. */
export function isCheckout(): boolean {
  return import.meta.url.endsWith('.ts');
}
