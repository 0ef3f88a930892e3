/// FNV-1a over bytes, 64 bits: tells apart what was changed by accident. It is no protection against malice.
enum ByteHash {
  /// 16 hexadecimal digits.
  static func text(of bytes: some Sequence<UInt8>) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Runner.hexadecimal(hash)
  }
}
