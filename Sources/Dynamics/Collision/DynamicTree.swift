import LinearAlgebra

/// A bounding volume hierarchy whose boxes come, go and move: a binary tree that is never rebuilt.
///
/// A leaf is inserted beside the node where the surface area of all boxes grows least, found by descending greedily
/// (Catto, "Dynamic Bounding Volume Hierarchies", GDC 2019), and on the way back up every node may exchange a child for
/// a grandchild of the other side where that makes a box smaller (Kopta et al., "Fast, Effective BVH Updates for
/// Animated Scenes", I3D 2012). Insertion and removal cost O(depth); nodes are reused, so a tree whose leaves move
/// allocates nothing. Query results come in no particular order: sort them.
public final class DynamicTree {
  struct Node: BitwiseCopyable {
    var box: BoundingBox
    /// −1 for the root; the next free node for one that is not in use.
    var parent: Int32
    /// Children; −1 and −1 for a leaf.
    var left: Int32
    var right: Int32
    /// What the caller gave for a leaf.
    var item: Int32

    @inline(__always) var isLeaf: Bool { left < 0 }
  }

  private let nodes = Buffer<Node>()
  private let stack = Buffer<Int32>()
  private var root: Int32 = -1
  private var free: Int32 = -1
  /// Number of leaves.
  public private(set) var count = 0

  /// An empty tree.
  public init() {}

  /// Adds a leaf and returns its number, valid until it is removed.
  public func insert(_ item: Int, _ box: BoundingBox) -> Int {
    let leaf = take()
    nodes.pointer[Int(leaf)] = Node(box: box, parent: -1, left: -1, right: -1, item: Int32(item))
    link(leaf)
    count += 1
    return Int(leaf)
  }

  /// Removes a leaf.
  public func remove(_ leaf: Int) {
    unlink(Int32(leaf))
    release(Int32(leaf))
    count -= 1
  }

  /// Gives a leaf another box; its number stays.
  public func move(_ leaf: Int, to box: BoundingBox) {
    unlink(Int32(leaf))
    nodes.pointer[leaf].box = box
    link(Int32(leaf))
  }

  /// Box of a leaf.
  public func box(of leaf: Int) -> BoundingBox { nodes[leaf].box }

  /// Appends the items of all leaves whose boxes overlap `box`, in no particular order.
  public func query(_ box: BoundingBox, into result: Buffer<Int32>) {
    guard root >= 0 else { return }
    let nodes = self.nodes.pointer
    stack.removeAll()
    stack.append(root)
    while stack.count > 0 {
      let index = stack.pointer[stack.count - 1]
      stack.resize(to: stack.count - 1, filling: 0)
      let node = nodes + Int(index)
      guard node.pointee.box.overlaps(box) else { continue }
      if node.pointee.isLeaf {
        result.append(node.pointee.item)
      } else {
        stack.append(node.pointee.right)
        stack.append(node.pointee.left)
      }
    }
  }

  private func take() -> Int32 {
    if free < 0 {
      nodes.append(Node(box: .empty, parent: -1, left: -1, right: -1, item: -1))
      return Int32(nodes.count - 1)
    }
    let index = free
    free = nodes.pointer[Int(index)].parent
    return index
  }

  private func release(_ index: Int32) {
    nodes.pointer[Int(index)].parent = free
    free = index
  }

  /// Hangs a leaf into the tree.
  private func link(_ leaf: Int32) {
    guard root >= 0 else {
      root = leaf
      nodes.pointer[Int(leaf)].parent = -1
      return
    }
    let sibling = cheapestSibling(of: nodes.pointer[Int(leaf)].box)
    let parent = take()
    let nodes = self.nodes.pointer
    let above = nodes[Int(sibling)].parent
    nodes[Int(parent)] = Node(
      box: nodes[Int(leaf)].box.union(nodes[Int(sibling)].box), parent: above, left: sibling, right: leaf, item: -1)
    nodes[Int(sibling)].parent = parent
    nodes[Int(leaf)].parent = parent
    if above < 0 { root = parent } else { replaceChild(of: above, sibling, by: parent) }
    refit(from: above)
  }

  /// The node that the smallest sum of new and grown areas takes as sibling of a new leaf.
  ///
  /// Going down into a child costs at least the growth of the boxes above it plus that of the child; the descent stops
  /// where pairing up here is cheaper than the best that either child can promise.
  private func cheapestSibling(of box: BoundingBox) -> Int32 {
    let nodes = self.nodes.pointer
    let area = box.halfArea
    var index = root
    var inherited = 0.0
    while !nodes[Int(index)].isLeaf {
      let node = nodes[Int(index)]
      let combined = node.box.union(box).halfArea
      let here = combined + inherited
      inherited += combined - node.box.halfArea
      let left = promise(Int(node.left), box, area, inherited)
      let right = promise(Int(node.right), box, area, inherited)
      if here <= left && here <= right { break }
      index = left <= right ? node.left : node.right
    }
    return index
  }

  /// Least cost of a sibling in the subtree of `index`: exact for a leaf, a lower bound for an inner node.
  @inline(__always)
  private func promise(_ index: Int, _ box: BoundingBox, _ area: Double, _ inherited: Double) -> Double {
    let node = nodes.pointer + index
    let combined = node.pointee.box.union(box).halfArea
    if node.pointee.isLeaf { return combined + inherited }
    return inherited + combined - node.pointee.box.halfArea + area
  }

  /// Takes a leaf out of the tree; its sibling takes the place of their parent.
  private func unlink(_ leaf: Int32) {
    guard leaf != root else {
      root = -1
      return
    }
    let nodes = self.nodes.pointer
    let parent = nodes[Int(leaf)].parent
    let node = nodes[Int(parent)]
    let sibling = node.left == leaf ? node.right : node.left
    nodes[Int(sibling)].parent = node.parent
    if node.parent < 0 { root = sibling } else { replaceChild(of: node.parent, parent, by: sibling) }
    release(parent)
    refit(from: node.parent)
  }

  @inline(__always)
  private func replaceChild(of parent: Int32, _ old: Int32, by new: Int32) {
    let node = nodes.pointer + Int(parent)
    if node.pointee.left == old { node.pointee.left = new } else { node.pointee.right = new }
  }

  /// Boxes from `start` up to the root, each node rotated where that helps.
  private func refit(from start: Int32) {
    let nodes = self.nodes.pointer
    var index = start
    while index >= 0 {
      let node = nodes[Int(index)]
      nodes[Int(index)].box = nodes[Int(node.left)].box.union(nodes[Int(node.right)].box)
      rotate(index)
      index = node.parent
    }
  }

  /// Exchanges a child with a grandchild on the other side if the box between them shrinks: of the four exchanges the
  /// one that shrinks it most.
  private func rotate(_ index: Int32) {
    let nodes = self.nodes.pointer
    let node = nodes[Int(index)]
    var best = (gain: 0.0, child: Int32(-1), grandchild: Int32(-1))
    compareExchanges(node.left, node.right, &best)
    compareExchanges(node.right, node.left, &best)
    let (_, child, grandchild) = best
    guard child >= 0 else { return }
    let inner = nodes[Int(grandchild)].parent
    replaceChild(of: index, child, by: grandchild)
    replaceChild(of: inner, grandchild, by: child)
    nodes[Int(grandchild)].parent = index
    nodes[Int(child)].parent = inner
    let changed = nodes[Int(inner)]
    nodes[Int(inner)].box = nodes[Int(changed.left)].box.union(nodes[Int(changed.right)].box)
  }

  /// What it gains to exchange `lone` with a child of `other`, its sibling.
  @inline(__always)
  private func compareExchanges(
    _ lone: Int32, _ other: Int32, _ best: inout (gain: Double, child: Int32, grandchild: Int32)
  ) {
    let nodes = self.nodes.pointer
    let inner = nodes[Int(other)]
    if inner.isLeaf { return }
    let area = inner.box.halfArea
    let box = nodes[Int(lone)].box
    let withoutRight = area - nodes[Int(inner.left)].box.union(box).halfArea
    let withoutLeft = area - nodes[Int(inner.right)].box.union(box).halfArea
    if withoutRight > best.gain { best = (withoutRight, lone, inner.right) }
    if withoutLeft > best.gain { best = (withoutLeft, lone, inner.left) }
  }

  /// Whether links, boxes and the number of leaves fit together: for tests.
  public var isConsistent: Bool {
    guard root >= 0 else { return count == 0 }
    guard nodes[Int(root)].parent < 0 else { return false }
    var leaves = 0
    var open = [root]
    while let index = open.popLast() {
      let node = nodes[Int(index)]
      if node.isLeaf {
        leaves += 1
        continue
      }
      for child in [node.left, node.right] {
        guard nodes[Int(child)].parent == index, node.box.contains(nodes[Int(child)].box) else { return false }
        open.append(child)
      }
    }
    return leaves == count
  }

  /// Mean number of nodes above a leaf.
  public var meanDepth: Double {
    guard root >= 0 else { return 0 }
    var sum = 0
    var open: [(Int32, Int)] = [(root, 0)]
    while let (index, depth) = open.popLast() {
      let node = nodes[Int(index)]
      if node.isLeaf {
        sum += depth
      } else {
        open.append((node.left, depth + 1))
        open.append((node.right, depth + 1))
      }
    }
    return Double(sum) / Double(count)
  }
}
