/** The project cannot be rendered as it is; the message says what to change. Exit code 78 (EX_CONFIG). */
export class RenderProblem extends Error {
  override readonly name = 'RenderProblem';
  static readonly exitCode = 78;
}
