import { stemmer } from 'stemmer'

/** Words that mean the same to shoppers, where catalogues and articles often have only one of them. */
const synonyms = [
  'backpack rucksack bag',
  'basket cart',
  'bedside nightstand',
  'broken damaged faulty defective',
  'cheap cheapest low price',
  'chat conversation message',
  'coat jacket',
  'couch sofa settee',
  'coupon voucher discount promo',
  'cup mug',
  'deliver delivery shipping',
  'duvet blanket quilt throw',
  'email mail',
  'fee commission',
  'flashlight torch headlamp lantern',
  'gift present',
  'hacked compromised intruder',
  'hat cap beanie',
  'human person',
  'inventory stock',
  'invoice receipt bill',
  'jumper sweater pullover',
  'lamp light lighting',
  'login signin',
  'package parcel',
  'pants trousers',
  'photo picture image',
  'pot casserole',
  'privacy data',
  'saucepan pan skillet',
  'seasoning spice',
  'service support',
  'shirt layer top',
  'sync device',
  'waterproof rain dry',
].map((group) => group.split(' '))

const meanings = new Map(synonyms.flatMap((group) => group.map((word) => [stemmer(word), group] as const)))

/** A word and those that mean the same. */
export const meaningsOf = (word: string): readonly string[] => [word, ...(meanings.get(stemmer(word)) ?? [])]
