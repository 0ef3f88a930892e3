/// Growable storage for plain values that live from step to step.
///
/// It never shrinks, so a simulation in steady state allocates nothing, and its `pointer` can be hoisted into a local
/// before a loop: arrays inside classes cost a uniqueness and an exclusivity check at every access (measured 3×).
/// Bounds are checked in debug builds only.
public final class Buffer<Element: BitwiseCopyable> {
  /// Start of the storage; valid until the next call that grows it.
  public private(set) var pointer: UnsafeMutablePointer<Element>
  /// Number of elements in use.
  public private(set) var count: Int
  /// Number of elements that fit without growing.
  public private(set) var capacity: Int

  /// An empty buffer with room for `capacity` elements.
  public init(capacity: Int = 0) {
    self.capacity = max(capacity, 1)
    pointer = .allocate(capacity: self.capacity)
    count = 0
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

  deinit { pointer.deallocate() }

  /// The element at `index`, 0 ..< count.
  @inlinable
  public subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < count)
      return pointer[index]
    }
    set {
      assert(index >= 0 && index < count)
      pointer[index] = newValue
    }
  }

  /// Makes room for `capacity` elements; grows by doubling so that appending is amortised constant.
  public func reserve(_ wanted: Int) {
    guard wanted > capacity else { return }
    let larger = max(wanted, capacity * 2)
    let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
    moved.update(from: pointer, count: count)
    pointer.deallocate()
    pointer = moved
    capacity = larger
  }

  /// Sets the number of elements; new ones are `value`.
  public func resize(to newCount: Int, filling value: Element) {
    reserve(newCount)
    var index = count
    while index < newCount {
      pointer[index] = value
      index += 1
    }
    count = newCount
  }

  /// Sets every element to `value`.
  public func fill(_ value: Element) {
    for index in 0..<count { pointer[index] = value }
  }

  /// Appends one element.
  public func append(_ element: Element) {
    if count == capacity { reserve(count + 1) }
    pointer[count] = element
    count += 1
  }

  /// Removes all elements and keeps the storage.
  public func removeAll() { count = 0 }

  /// Makes this a copy of `other`.
  public func assign(_ other: Buffer<Element>) {
    reserve(other.count)
    pointer.update(from: other.pointer, count: other.count)
    count = other.count
  }

  /// The elements as an array (a copy).
  public var array: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
