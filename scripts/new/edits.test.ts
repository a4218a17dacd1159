import { describe, expect, test } from 'vitest'
import { append, insertAfter, MissingPlace } from './edits.ts'

describe('an item is appended', () => {
  test('to a list without a comma at its end, and to one with', () => {
    expect(append('{ "list": ["a"] }', [/"list": \[/], '"b"')).toBe('{ "list": ["a",\n"b"\n] }')
    expect(append("const list = [\n  'a',\n]\n", [/list = \[/], "'b'")).toBe("const list = [\n  'a',\n'b',\n]\n")
  })

  test('to an empty list', () => {
    expect(append('[]', [/\[/], '1')).toBe('[\n1\n]')
  })

  test('behind brackets in texts, comments and nested lists', () => {
    const text = "list: [ // it's ]\n  ']', /* ] */ `]`, [[1], { a: ']' }]\n]"
    expect(append(text, [/list: \[/], '2')).toBe(`${text.slice(0, -2)},\n2\n]`)
  })

  test('to the list behind the last of several places', () => {
    const text = "'a': event({ to: ['x'] }), 'b': event({ to: ['y'] })"
    expect(append(text, [/'b': event\(\{/, /to: \[/], "'z'")).toBe("'a': event({ to: ['x'] }), 'b': event({ to: ['y',\n'z'\n] })")
  })
})

test('lines are inserted behind the line of a place', () => {
  expect(insertAfter('one\ntwo more\nthree\n', /two/, 'and\na half')).toBe('one\ntwo more\nand\na half\nthree\n')
})

test('a place that is not there, or that is never closed, is an error', () => {
  expect(() => append('[]', [/list = \[/], '1')).toThrow(MissingPlace)
  expect(() => append('list = [1', [/list = \[/], '2')).toThrow(MissingPlace)
  expect(() => insertAfter('one\n', /two/, '1')).toThrow(MissingPlace)
})
