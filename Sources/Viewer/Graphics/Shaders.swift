/// The shading of bodies, planes and their shadows.
enum Shaders {
  /// Turns and places an instance of a mesh.
  private static let instance = """
    layout(location = 0) in vec3 position; layout(location = 1) in vec3 normal;
    layout(location = 2) in vec3 place; layout(location = 3) in vec4 turn;
    layout(location = 4) in vec3 size; layout(location = 5) in vec4 color;
    vec3 rotate(vec4 q, vec3 v) { vec3 t = 2.0 * cross(q.xyz, v); return v + q.w * t + cross(q.xyz, t); }
    """

  static let bodyVertex =
    instance + """

      uniform mat4 matrix; uniform mat4 light;
      out vec3 world; out vec3 direction; out vec3 corner; out vec3 extent; out vec4 albedo; out vec4 lit;
      void main() {
        world = rotate(turn, position * size) + place;
        direction = rotate(turn, normal / size);
        corner = position; extent = size; albedo = color;
        lit = light * vec4(world, 1);
        gl_Position = matrix * vec4(world, 1);
      }
      """

  static let bodyFragment =
    shadow + """

      in vec3 world; in vec3 direction; in vec3 corner; in vec3 extent; in vec4 albedo;
      uniform vec3 eye; uniform bool hasEdges;
      out vec4 result;
      void main() {
        vec3 n = normalize(direction);
        vec3 v = normalize(eye - world);
        if (dot(n, v) < 0.0) n = -n;
        float diffuse = max(dot(n, sun), 0.0);
        float light = diffuse > 0.0 ? diffuse * visible(n) : 0.0;
        vec3 ambient = mix(vec3(0.24, 0.23, 0.22), vec3(0.46, 0.50, 0.56), 0.5 + 0.5 * n.y);
        float shine = pow(max(dot(n, normalize(sun + v)), 0.0), 40.0) * 0.18;
        vec3 color = albedo.rgb * (ambient + 0.85 * light * vec3(1.0, 0.97, 0.91)) + light * shine;
        if (hasEdges) {
          // How far from the nearest edge of the face, in pixels: the second largest of the three coordinates is 1 there.
          vec3 d = (1.0 - abs(corner)) * extent;
          vec3 w = fwidth(corner * extent) + 1e-6;
          vec3 p = d / w;
          float low = min(p.x, min(p.y, p.z));
          float middle = max(min(p.x, p.y), min(max(p.x, p.y), p.z));
          color *= mix(0.45, 1.0, smoothstep(0.6, 1.8, middle)) ;
        }
        result = vec4(pow(color, vec3(1.0 / 2.2)), albedo.a);
      }
      """

  static let shadowVertex =
    instance + """

      uniform mat4 light;
      void main() { gl_Position = light * vec4(rotate(turn, position * size) + place, 1); }
      """
  static let shadowFragment = "void main() {}"

  /// Share of the sun that arrives: nine samples of the shadow map, each filtered by the hardware.
  private static let shadow = """
    uniform sampler2DShadow shadowMap; uniform vec3 sun; uniform float texel;
    in vec4 lit;
    float visible(vec3 n) {
      vec3 p = lit.xyz / lit.w * 0.5 + 0.5;
      if (p.z > 1.0 || any(lessThan(p.xy, vec2(0.0))) || any(greaterThan(p.xy, vec2(1.0)))) return 1.0;
      p.z -= 0.0004 + 0.0016 * (1.0 - dot(n, sun));
      float sum = 0.0;
      for (int x = -1; x <= 1; x++)
        for (int y = -1; y <= 1; y++) sum += texture(shadowMap, p + vec3(float(x), float(y), 0.0) * vec3(texel, texel, 0.0));
      return sum / 9.0;
    }
    """

  /// A plane as a large square around a point of it, with a grid.
  static let planeVertex = """
    uniform mat4 matrix; uniform mat4 light; uniform vec3 center; uniform vec3 u; uniform vec3 v; uniform float reach;
    uniform vec2 offset;
    out vec3 world; out vec2 place; out vec4 lit;
    void main() {
      vec2 corner = vec2(float(gl_VertexID & 1) * 2.0 - 1.0, float(gl_VertexID >> 1) * 2.0 - 1.0) * reach;
      world = center + corner.x * u + corner.y * v;
      place = corner + offset;
      lit = light * vec4(world, 1);
      gl_Position = matrix * vec4(world, 1);
    }
    """

  static let planeFragment =
    shadow + """

      in vec3 world; in vec2 place;
      uniform vec3 normal; uniform vec3 eye; uniform vec3 center; uniform float reach; uniform float pitch;
      uniform bool isSolid;
      out vec4 result;
      float lines(float spacing) {
        vec2 p = place / spacing;
        vec2 w = fwidth(p);
        vec2 d = abs(fract(p - 0.5) - 0.5) / max(w, vec2(1e-6));
        float line = 1.0 - min(min(d.x, d.y), 1.0);
        return line * clamp(1.0 - 3.0 * max(w.x, w.y), 0.0, 1.0);
      }
      void main() {
        float grid = max(0.30 * lines(pitch), 0.60 * lines(10.0 * pitch));
        float fade = 1.0 - smoothstep(0.35, 1.0, length(world - center) / reach);
        if (!isSolid) { result = vec4(0.62, 0.66, 0.72, 0.45 * grid * fade); return; }
        float light = max(dot(normal, sun), 0.0) * visible(normal);
        vec3 color = vec3(0.120, 0.130, 0.150) * (0.50 + 0.80 * light);
        color = mix(color, vec3(0.36, 0.40, 0.46), 0.45 * grid);
        result = vec4(pow(color, vec3(1.0 / 2.2)), fade);
      }
      """

  /// The backdrop: one triangle over the whole viewport.
  static let backdropVertex = """
    out float height;
    void main() {
      vec2 p = vec2(float(gl_VertexID & 1) * 4.0 - 1.0, float(gl_VertexID >> 1) * 4.0 - 1.0);
      height = p.y * 0.5 + 0.5;
      gl_Position = vec4(p, 0.9999999, 1);
    }
    """
  static let backdropFragment = """
    in float height; out vec4 result;
    void main() { result = vec4(mix(vec3(0.270, 0.295, 0.335), vec3(0.130, 0.150, 0.185), height), 1); }
    """
}
