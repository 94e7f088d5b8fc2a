import * as v from 'valibot';
import { DOCUMENTS } from './document.ts';

/** What documents are made of. Another kind of schema does not compile until it is printed. */
type Known =
  | v.StrictObjectSchema<v.ObjectEntries, undefined>
  | v.ArraySchema<v.GenericSchema, undefined>
  | v.NullableSchema<v.GenericSchema, undefined>
  | v.OptionalSchema<v.GenericSchema, undefined>
  | v.RecordSchema<v.BaseSchema<string, string, v.BaseIssue<unknown>>, v.GenericSchema, undefined>
  | v.PicklistSchema<readonly string[], undefined>
  | v.TupleSchema<readonly v.GenericSchema[], undefined>
  | v.UnknownSchema
  | v.StringSchema<undefined>
  | v.NumberSchema<undefined>
  | v.BooleanSchema<undefined>;

type Json = Readonly<Record<string, unknown>>;

/** A schema as JSON Schema says it. More fields than it names may come with a later version. */
export function jsonSchemaOf(schema: v.GenericSchema): Json {
  const description = v.getDescription(schema);
  return { ...shapeOf(schema), ...(description === undefined ? {} : { description }) };
}

function shapeOf(schema: v.GenericSchema): Json {
  // Any other kind ends in the error below, which the test of the printed file would meet.
  const known = schema as Known;
  switch (known.type) {
    case 'string':
    case 'number':
    case 'boolean':
      return { type: known.type };
    case 'picklist':
      return { enum: known.options };
    case 'nullable':
      return { anyOf: [jsonSchemaOf(known.wrapped), { type: 'null' }] };
    case 'optional':
      return jsonSchemaOf(known.wrapped);
    case 'array':
      return { type: 'array', items: jsonSchemaOf(known.item) };
    case 'record':
      return { type: 'object', additionalProperties: jsonSchemaOf(known.value) };
    case 'tuple':
      return {
        ...{ type: 'array', items: known.items.map(jsonSchemaOf) },
        ...{ minItems: known.items.length, maxItems: known.items.length },
      };
    case 'unknown':
      return {};
    case 'strict_object':
      return objectOf(known.entries);
    default:
      throw new TypeError(`no JSON Schema for ${schema.type}`);
  }
}

function objectOf(entries: v.ObjectEntries): Json {
  const fields = Object.entries(entries);
  return {
    type: 'object',
    required: fields.filter(([, { type }]) => type !== 'optional').map(([name]) => name),
    properties: Object.fromEntries(fields.map(([name, schema]) => [name, jsonSchemaOf(schema)])),
  };
}

/** The text of `schema.json`. */
export const SCHEMA = `${JSON.stringify(
  {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'What ovlcheck prints with --json, by command',
    anyOf: Object.keys(DOCUMENTS).map((name) => ({ $ref: `#/definitions/${name}` })),
    definitions: Object.fromEntries(
      Object.entries(DOCUMENTS).map(([name, schema]) => [name, jsonSchemaOf(schema)]),
    ),
  },
  null,
  2,
)}\n`;

if (import.meta.main) process.stdout.write(SCHEMA);
