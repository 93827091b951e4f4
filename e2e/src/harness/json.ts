/** The body of an answer as JSON, of the type that the test expects. */
export async function json<Type = Record<string, unknown>>(response: Response | Promise<Response>): Promise<Type> {
  return (await (await response).json()) as Type;
}
