/// Growable storage for plain values that live from step to step.
///
/// It never shrinks, so a simulation in steady state allocates nothing, and its `pointer` can be hoisted into a local
/// before a loop: arrays inside classes cost a uniqueness and an exclusivity check at every access (measured 3×).
/// Bounds are checked in debug builds only.
public final class Buffer<Element: BitwiseCopyable> {
  @usableFromInline var storage: UnsafeMutablePointer<Element>
  @usableFromInline var used: Int
  @usableFromInline var room: Int

  /// Start of the storage; valid until the next call that grows it.
  @inlinable public var pointer: UnsafeMutablePointer<Element> { storage }
  /// Number of elements in use.
  @inlinable public var count: Int { used }
  /// Number of elements that fit without growing.
  @inlinable public var capacity: Int { room }

  /// An empty buffer with room for `capacity` elements.
  public init(capacity: Int = 0) {
    room = max(capacity, 1)
    storage = .allocate(capacity: room)
    used = 0
  }

  /// `count` copies of `value`.
  public convenience init(repeating value: Element, count: Int) {
    self.init(capacity: count)
    resize(to: count, filling: value)
  }

  /// The elements of `elements`, copied.
  public convenience init(_ elements: [Element]) {
    self.init(capacity: elements.count)
    for element in elements { append(element) }
  }

  deinit { storage.deallocate() }

  /// The element at `index`, 0 ..< count.
  @inlinable
  public subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < used)
      return storage[index]
    }
    set {
      assert(index >= 0 && index < used)
      storage[index] = newValue
    }
  }

  /// Makes room for `wanted` elements; grows by doubling so that appending is amortised constant.
  @inlinable
  public func reserve(_ wanted: Int) {
    if wanted > room { grow(to: wanted) }
  }

  @usableFromInline
  @inline(never)
  func grow(to wanted: Int) {
    let larger = max(wanted, room * 2)
    let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
    moved.update(from: storage, count: used)
    storage.deallocate()
    storage = moved
    room = larger
  }

  /// Sets the number of elements; new ones are `value`.
  @inlinable
  public func resize(to newCount: Int, filling value: Element) {
    reserve(newCount)
    if newCount > used { (storage + used).update(repeating: value, count: newCount - used) }
    used = newCount
  }

  /// Sets every element to `value`.
  @inlinable
  public func fill(_ value: Element) { storage.update(repeating: value, count: used) }

  /// Appends one element.
  @inlinable
  public func append(_ element: Element) {
    if used == room { grow(to: used + 1) }
    storage[used] = element
    used += 1
  }

  /// Appends one element where `reserve` has made room for it.
  @inlinable
  public func appendReserved(_ element: Element) {
    assert(used < room)
    storage[used] = element
    used += 1
  }

  /// Takes in `count` elements that were written behind the last one, where `reserve` has made room for them.
  @inlinable
  public func extendReserved(by count: Int) {
    assert(used + count <= room)
    used += count
  }

  /// Removes all elements and keeps the storage.
  @inlinable
  public func removeAll() { used = 0 }

  /// Makes this a copy of `other`.
  @inlinable
  public func assign(_ other: Buffer<Element>) {
    reserve(other.count)
    storage.update(from: other.pointer, count: other.count)
    used = other.count
  }

  /// The elements as an array (a copy).
  public var array: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
