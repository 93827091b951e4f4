/** Two figures of an axis: how much there was, and what it cost. */
export interface Point {
  size: number;
  cost: number;
}

/**
 * The exponent with which a cost grows: 1 is linear, 2 quadratic, 0 none. The slope of a line through the points on
 * logarithmic scales (least squares). Costs below `noise` count as that: they say nothing.
 */
export function growthExponent(points: readonly Point[], noise: number): number {
  const logs = points.map(({ size, cost }) => ({ x: Math.log(size), y: Math.log(Math.max(cost, noise)) }));
  const meanX = logs.reduce((sum, { x }) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, { y }) => sum + y, 0) / logs.length;
  const covariance = logs.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const variance = logs.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}
