import type { Locale } from './locale'
import { en } from './locales/en'
import type { Texts } from './locales/texts'

export const texts: Record<Locale, Texts> = { en }
