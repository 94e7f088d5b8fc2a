import { parsers } from 'prettier/plugins/yaml';

/** A node of the syntax tree that Prettier makes of YAML: there is no other parser here. */
interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly (Node | null)[];
}

/** What a document of YAML says. Every scalar is text, as it stands. */
export type Yaml = string | readonly Yaml[] | { readonly [key: string]: Yaml };

/** The documents in a text. Throws on what is no YAML, and on anchors, which we have none of. */
export async function readYaml(text: string): Promise<readonly Yaml[]> {
  // The tree has these fields, whatever its type says; the parser looks at no option.
  const root = (await parsers.yaml.parse(text, {} as never)) as Node;
  return childrenOf(root).map((document) => {
    const body = childrenOf(document).find(({ type }) => type === 'documentBody');
    return valueOf(body === undefined ? undefined : childrenOf(body)[0]);
  });
}

function childrenOf({ children = [] }: Node): readonly Node[] {
  return children.filter((child) => child !== null);
}

function valueOf(node: Node | undefined): Yaml {
  if (node === undefined) return '';
  switch (node.type) {
    case 'mapping':
    case 'flowMapping':
      return Object.fromEntries(childrenOf(node).map(entryOf));
    case 'sequence':
    case 'flowSequence':
      return childrenOf(node).map((item) => valueOf(childrenOf(item)[0]));
    case 'plain':
    case 'quoteSingle':
    case 'quoteDouble':
    case 'blockLiteral':
    case 'blockFolded':
      return node.value ?? '';
    case 'null':
      return '';
    default:
      throw new TypeError(`no value of ${node.type}`);
  }
}

function entryOf(item: Node): readonly [string, Yaml] {
  const part = (type: string): Yaml => {
    const found = childrenOf(item).find((child) => child.type === type);
    return valueOf(found === undefined ? undefined : childrenOf(found)[0]);
  };
  const key = part('mappingKey');
  if (typeof key !== 'string') throw new TypeError('a key is no text');
  return [key, part('mappingValue')];
}
