import { describe, expect, test } from 'vitest';
import { jsonSchemaOf } from '../../src/config/json-schema.js';

describe('the JSON Schema of a file', () => {
  test('comes from what validates it', () => {
    expect(jsonSchemaOf('fleet')).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'fleet.yaml',
      type: 'object',
      anyOf: [{ required: ['app', 'root', 'service'] }, { required: ['apps'] }],
      additionalProperties: false,
      properties: {
        service: { properties: { action: { enum: ['restart', 'reload', 'stop-start', 'none'] } } },
        policy: { properties: { bake: { type: 'string' } } },
        apps: { propertyNames: { type: 'string' } },
      },
    });
    expect(jsonSchemaOf('inventory')).toMatchObject({
      properties: { ssh: { properties: { port: { minimum: 1, maximum: 65_535 } } } },
    });
  });

  test('has patterns that every reader of JSON Schema takes', () => {
    const patterns = JSON.stringify(jsonSchemaOf('fleet')).matchAll(
      /"pattern":("(?:[^"\\]|\\.)*")/g,
    );
    for (const [, pattern] of patterns) {
      expect(() => new RegExp(JSON.parse(pattern ?? '""'), 'u')).not.toThrow();
    }
  });
});
