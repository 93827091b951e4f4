export interface ReserveRequest {
  itemId: string;
  quantity: number;
  customer: string;
}

/** Both variants of rpc-unary run this function. */
export function reserve(
  _ctx: unknown,
  { itemId, quantity }: ReserveRequest,
): { itemId: string; left: number; reservation: string } {
  return { itemId, left: 1_000 - quantity, reservation: `r-${itemId}` };
}
