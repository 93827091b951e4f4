/** Why a project cannot be built; the message is shown as it is. */
export class BuildProblem extends Error {
  override readonly name = 'BuildProblem';
  readonly exitCode: number;

  constructor(message: string, exitCode: 1 | 70 | 78) {
    super(message);
    this.exitCode = exitCode;
  }
}
