import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { Block } from '../../e2e/src/docs/read-blocks.ts';

/** Compiles blocks together, each a module of its own, against the sources of the packages. Returns what is wrong, by place. */
export function compileBlocks(blocks: readonly Block[], root: string): string[] {
  const files = new Map<string, { text: string; block: Block; contextLines: number }>();
  for (const block of blocks) {
    // Beside the packages, so that they are found as a project would find them.
    const directory = join(root, 'scripts/docs-code/pages', block.page.replaceAll(/\W/g, '-'));
    const context = contextOf(block);
    const contextLines = context.split('\n').length - 1;
    const text = `${context}${block.text}\nexport {};\n`;
    files.set(join(directory, `line-${block.line}.ts`), { text, block, contextLines });
    for (const [path, beside] of block.files) {
      if (path.endsWith('.ts')) files.set(join(directory, path), { text: beside, block, contextLines: 0 });
    }
  }
  const options = compilerOptions(root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile, directoryExists } = host;
  const directories = new Set([...files.keys()].map((path) => dirname(path)));
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.directoryExists = (path) => directories.has(path) || (directoryExists?.(path) ?? true);
  host.readFile = (path) => files.get(path)?.text ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const own = files.get(path);
    return own ? ts.createSourceFile(path, own.text, target, true) : getSourceFile(path, target, ...rest);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([path, { block, contextLines }]) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map((diagnostic) => {
      const { line } = source?.getLineAndCharacterOfPosition(diagnostic.start ?? 0) ?? { line: 0 };
      const place = line < contextLines ? `context of line ${block.line}` : String(block.line + line - contextLines);
      return `${block.page}:${place} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`;
    });
  });
}

/** Those that the repository itself is built with. */
function compilerOptions(root: string): ts.CompilerOptions {
  const path = join(root, 'tsconfig.base.json');
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root);
  const checksOnly = { noEmit: true, composite: false, declaration: false, declarationMap: false, sourceMap: false };
  return { ...options, ...checksOnly, rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true };
}

/** A block may import and declare itself what others of its page find in the context: then its own counts. */
function contextOf({ context, text }: Block): string {
  const own = new Set(declaredIn(parse(text)));
  const source = parse(context);
  return source.statements
    .map((statement) => {
      if (!ts.isImportDeclaration(statement)) {
        return namesOf(statement).some((name) => own.has(name)) ? '' : `${statement.getText(source)}\n`;
      }
      const bindings = statement.importClause?.namedBindings;
      const elements = bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
      const kept = elements.filter(({ name }) => !own.has(name.text)).map((element) => element.getText(source));
      const type = statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type ' : '';
      if (kept.length === 0) return '';
      return `import ${type}{ ${kept.join(', ')} } from ${statement.moduleSpecifier.getText(source)};\n`;
    })
    .join('');
}

const parse = (text: string): ts.SourceFile =>
  ts.createSourceFile('block.ts', text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);

const declaredIn = (source: ts.SourceFile): string[] => source.statements.flatMap(namesOf);

function namesOf(statement: ts.Statement): string[] {
  if (ts.isImportDeclaration(statement)) {
    const bindings = statement.importClause?.namedBindings;
    return bindings && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name.text) : [];
  }
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => namesIn(name));
  }
  const { name } = statement as { name?: ts.Node };
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
}
