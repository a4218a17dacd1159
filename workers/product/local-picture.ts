import { env } from 'cloudflare:workers'

/** Whether an image is a picture that a local run serves itself, without TLS. There are none elsewhere. */
export const isLocalPicture = (url: string, environment: string = env.ENVIRONMENT): boolean =>
  environment === 'local' && /^http:\/\/(127\.0\.0\.1|localhost)(:\d{1,5})?\/v1\/dev\/pictures\/[a-z0-9.-]+$/.test(url)
