import { describe, expect, it } from 'vitest'
import { readConfigs } from './configs.ts'
import { localBindings } from './runtime.ts'
import { findUnknown, listSettings, mergeSettings, readSettings } from './settings.ts'

const mail = {
  worker: 'notification',
  text: '// MAIL_FROM: the sender of mails\n  // RESEND_API_KEY: sends mails\n // Some remark.\n // TICKET_SECRET: signs tickets',
  vars: { ENVIRONMENT: 'production', MAIL_FROM: 'a@example.com' },
  secrets: { required: ['TICKET_SECRET'] },
}

describe('the settings', () => {
  it('are vars, required secrets and the optional secrets that a config documents', () => {
    const other = { worker: 'cart', text: '', vars: {}, secrets: { required: ['TICKET_SECRET'] } }
    expect(mergeSettings([mail, other])).toEqual([
      { name: 'MAIL_FROM', workers: ['notification'], about: 'the sender of mails', kind: 'var', fallback: 'a@example.com' },
      { name: 'RESEND_API_KEY', workers: ['notification'], about: 'sends mails', kind: 'optional secret' },
      { name: 'TICKET_SECRET', workers: ['notification', 'cart'], about: 'signs tickets', kind: 'secret' },
    ])
  })

  it('are all documented in the config of a Worker that reads them', () => {
    expect(readSettings().filter(({ about }) => about === '')).toEqual([])
  })

  it('are listed without any value that was given', () => {
    expect(listSettings(mergeSettings([mail]))).toContain(
      'RESEND_API_KEY\n    sends mails\n    read by notification; optional secret',
    )
  })

  it('include no misspelt name', () => {
    expect(findUnknown(['ENVIRONMENT', 'MAIL_FROM', 'RESEND_APIKEY', 'ticket_secret'], mergeSettings([mail]))).toEqual([
      'RESEND_APIKEY',
      'ticket_secret',
    ])
  })
})

describe('the bindings of a local run', () => {
  it('give every Worker each of its settings and none of the others', () => {
    const settings = readSettings()
    const bindings = localBindings(Object.fromEntries(settings.map(({ name }) => [name, `value of ${name}`])))
    for (const { worker } of readConfigs()) {
      const own = settings.filter(({ workers }) => workers.includes(worker)).map(({ name }) => [name, `value of ${name}`])
      expect(bindings[worker]).toEqual({ ENVIRONMENT: 'local', ...Object.fromEntries(own) })
    }
  })

  it('leave what is not given to the config, but for secrets, which are empty', () => {
    const { gateway, notification } = localBindings({})
    expect(gateway).toEqual({ ENVIRONMENT: 'local', VIEWS_PER_SAMPLE: '1', VIEWS_SECRET: '' })
    expect(notification).toEqual({ ENVIRONMENT: 'local', TICKET_SECRET: '' })
  })
})
