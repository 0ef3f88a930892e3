import Dynamics
import LinearAlgebra
import Testing
import Viewer

/// Where the camera looks.
@Suite struct CameraTests {
  /// A point that is projected lies on the ray through its pixel: to the round-off of a dozen operations.
  @Test func raysAndProjectionAreInverse() throws {
    var camera = Camera()
    for turn in 0..<12 {
      camera.orbit(0.7, turn % 2 == 0 ? 0.21 : -0.17)
      camera.zoom(0.93)
      for point in [Vector3(1, 2, 3), Vector3(-2, 0.5, 1), Vector3(0, 1, 0)] {
        guard let place = camera.project(point, aspect: 1.6) else { continue }
        let ray = camera.ray(x: place.x, y: place.y, aspect: 1.6)
        let offset = point - ray.origin
        #expect((offset - offset.dot(ray.direction) * ray.direction).length < 1e-12 * offset.length)
      }
    }
  }

  /// A framed box is seen whole from everywhere, and fills the picture.
  @Test(arguments: [0.5, 1.0, 2.4])
  func framingShowsTheWholeBox(aspect: Double) throws {
    for extents in [Vector3(0.5, 10, 0.5), Vector3(30, 0.1, 1), Vector3(1, 1, 1)] {
      var camera = Camera()
      camera.yaw = 0.9
      let box = BoundingBox(center: Vector3(3, -2, 5), halfExtents: extents)
      camera.frame(box, aspect: aspect)
      var largest = 0.0
      for corner in 0..<8 {
        let sign = Vector3(corner & 1 == 0 ? -1 : 1, corner & 2 == 0 ? -1 : 1, corner & 4 == 0 ? -1 : 1)
        let place = try #require(camera.project(box.center + extents.scaled(by: sign), aspect: aspect))
        largest = max(largest, place.x.magnitude, place.y.magnitude)
      }
      #expect(largest <= 1 && largest > 0.6)
    }
  }
}
